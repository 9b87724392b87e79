//! Vectors that are not met, each with the reason.

use libtest_mimic::Trial;

const FOREIGN: &str = "the model beside the vectors does not hold its service";
const DEFAULTS: &str = "defaults are filled in by the ends: on record stands what was sent";
const CHECKSUM: &str = "checksums are the affair of who sends";
const COMPRESSION: &str = "requests are not compressed";

/// The trials, each by its whole name, and why they fail.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("awsJson1_1/request/MachinelearningPredictEndpoint", FOREIGN),
    ("restJson1/request/AcceptHeaderStarRequestTest", FOREIGN),
    ("restJson1/request/AcceptHeaderStarStarRequestTest", FOREIGN),
    ("restJson1/request/ApiGatewayAccept", FOREIGN),
    ("restJson1/request/GlacierAccountId", FOREIGN),
    ("restJson1/request/GlacierChecksums", FOREIGN),
    ("restJson1/request/GlacierMultipartChecksums", FOREIGN),
    ("restJson1/request/GlacierVersionHeader", FOREIGN),
    ("restJson1/request/RestJsonHttpChecksumRequired", CHECKSUM),
    ("restJson1/request/SDKAppendedGzipAfterProvidedEncoding_restJson1", COMPRESSION),
    ("restJson1/request/SDKAppliedContentEncoding_restJson1", COMPRESSION),
    ("restJson1/request/RestJsonClientPopulatesDefaultValuesInInput", DEFAULTS),
];

/// Why a trial is expected to fail.
pub fn reason(name: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(excepted, _)| *excepted == name).map(|(_, reason)| *reason)
}

/// Every exception is about a trial that there is.
pub fn all_name_trials(trials: &[Trial]) -> Trial {
    let names: Vec<_> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    Trial::test("exceptions/name trials", move || {
        let stray = EXCEPTIONS.iter().find(|(name, _)| !names.iter().any(|known| known == name));
        stray.map_or(Ok(()), |(name, _)| Err(format!("there is no trial {name}").into()))
    })
}
