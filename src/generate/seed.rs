//! Where randomness comes from: the run's seed and a case's name, and nothing else.

use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRng, TestRunner};

use crate::encoding::sha256;

/// The random generator of one case: same seed and name, same values, whatever else runs.
pub fn rng(seed: u64, case: &str) -> TestRng {
    let mut text = seed.to_be_bytes().to_vec();
    text.extend_from_slice(case.as_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &sha256(&text))
}

/// A runner for one case. Every setting that matters is set here: proptest's defaults read
/// environment variables, and a run must not depend on them.
pub fn runner(seed: u64, case: &str) -> TestRunner {
    TestRunner::new_with_rng(config(), rng(seed, case))
}

fn config() -> Config {
    Config {
        cases: 1,
        max_local_rejects: 256,
        max_global_rejects: 256,
        max_flat_map_regens: 1024,
        failure_persistence: None,
        source_file: None,
        test_name: None,
        max_shrink_time: 0,
        max_shrink_iters: 4096,
        max_default_size_range: 100,
        result_cache: proptest::test_runner::noop_result_cache,
        verbose: 0,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0),
        ..Config::default()
    }
}
