//! Vectors that are not met, each with the reason.

use libtest_mimic::Trial;

const FOREIGN: &str = "the model beside the vectors does not hold its service";
const DEFAULTS: &str = "the ends fill in defaults: on record stands what was sent";
const CHECKSUM: &str = "a checksum of the body is not made";
const COMPRESSION: &str = "bodies are neither compressed nor decompressed here";
const UNNAMED: &str = "the request has no X-Amz-Target: nothing in it names the operation";
const UNTYPED: &str = "the request has no content type; another vector wants 415 for that";
const EMPTY: &str = "an empty object is an empty structure, and not none";
const ABSENT: &str = "a list without elements leaves no trace in a query";
const MISPLACED: &str = "the answer has a header of requests";
const MINTED: &str = "whoever sends the answer names the request";

/// The trials, each by its whole name, and why they fail.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("awsJson1_1/request/MachinelearningPredictEndpoint/client", FOREIGN),
    ("awsJson1_1/request/MachinelearningPredictEndpoint/server", FOREIGN),
    ("awsJson1_1/request/SDKAppliedContentEncoding_awsJson1_1/client", COMPRESSION),
    ("awsJson1_1/request/SDKAppliedContentEncoding_awsJson1_1/server", UNNAMED),
    ("awsJson1_1/request/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1/client", COMPRESSION),
    ("awsJson1_1/request/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1/server", UNNAMED),
    ("awsJson1_1/response/AwsJson11IntEnums/server", MISPLACED),
    ("awsJson1_1/response/parses_the_request_id_from_the_response/server", MINTED),
    ("restJson1/request/AcceptHeaderStarRequestTest/server", FOREIGN),
    ("restJson1/request/AcceptHeaderStarStarRequestTest/server", FOREIGN),
    ("restJson1/request/ApiGatewayAccept/client", FOREIGN),
    ("restJson1/request/ApiGatewayAccept/server", FOREIGN),
    ("restJson1/request/GlacierAccountId/client", FOREIGN),
    ("restJson1/request/GlacierChecksums/client", FOREIGN),
    ("restJson1/request/GlacierMultipartChecksums/client", FOREIGN),
    ("restJson1/request/GlacierVersionHeader/client", FOREIGN),
    ("restJson1/request/GlacierVersionHeader/server", FOREIGN),
    ("restJson1/request/RestJsonClientPopulatesDefaultValuesInInput/client", DEFAULTS),
    ("restJson1/request/RestJsonClientPopulatesNestedDefaultValuesWhenMissing/client", DEFAULTS),
    ("restJson1/request/RestJsonEndpointTraitWithHostLabel/server", UNTYPED),
    ("restJson1/request/RestJsonHttpChecksumRequired/client", CHECKSUM),
    ("restJson1/request/RestJsonHttpWithEmptyStructurePayload/server", EMPTY),
    ("restJson1/request/RestJsonHttpWithHeadersButNoPayload/server", EMPTY),
    ("restJson1/request/RestJsonOmitsEmptyListQueryValues/server", ABSENT),
    ("restJson1/request/RestJsonServerPopulatesDefaultsWhenMissingInRequestBody/server", DEFAULTS),
    ("restJson1/request/RestJsonServerPopulatesNestedDefaultsWhenMissingInRequestBody/server", DEFAULTS),
    ("restJson1/request/SDKAppendedGzipAfterProvidedEncoding_restJson1/client", COMPRESSION),
    ("restJson1/request/SDKAppendedGzipAfterProvidedEncoding_restJson1/server", COMPRESSION),
    ("restJson1/request/SDKAppliedContentEncoding_restJson1/client", COMPRESSION),
    ("restJson1/request/SDKAppliedContentEncoding_restJson1/server", COMPRESSION),
    ("restJson1/response/RestJsonClientPopulatesDefaultsValuesWhenMissingInResponse/client", DEFAULTS),
    ("restJson1/response/RestJsonClientPopulatesNestedDefaultsWhenMissingInResponseBody/client", DEFAULTS),
    ("restJson1/response/RestJsonServerPopulatesDefaultsInResponseWhenMissingInParams/server", DEFAULTS),
    (
        "restJson1/response/RestJsonServerPopulatesNestedDefaultValuesWhenMissingInInResponseParams/server",
        DEFAULTS,
    ),
];

/// Why a trial is expected to fail.
pub(crate) fn reason(name: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(excepted, _)| *excepted == name).map(|(_, reason)| *reason)
}

/// Every exception is about a trial that there is.
pub(crate) fn all_name_trials(trials: &[Trial]) -> Trial {
    let names: Vec<_> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    Trial::test("exceptions/name trials", move || {
        let stray = EXCEPTIONS.iter().find(|(name, _)| !names.iter().any(|known| known == name));
        stray.map_or(Ok(()), |(name, _)| Err(format!("there is no trial {name}").into()))
    })
}
