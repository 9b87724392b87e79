//! The traits that are understood, and those that are not.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ast::Ast;
use crate::contract::draft::{Notes, WORDS};
use crate::contract::model::Warning;
use crate::contract::schema::escaped;

/// The prefix of the traits that are our own.
const OWN: &str = "onrecord#";

/// Our own traits, by name without the prefix.
pub(super) fn notes(traits: &Map<String, Value>) -> Notes {
    let own = |(name, value): (&String, &Value)| Some((name.strip_prefix(OWN)?.to_owned(), value.clone()));
    traits.iter().filter_map(own).collect()
}

/// Traits that change nothing for us, or that some part of this loader reads.
const KNOWN: &[&str] = &[
    "aws.api#arn",
    "aws.api#arnReference",
    "aws.api#clientDiscoveredEndpoint",
    "aws.api#clientEndpointDiscovery",
    "aws.api#clientEndpointDiscoveryId",
    "aws.api#controlPlane",
    "aws.api#dataPlane",
    "aws.api#service",
    "aws.api#tagEnabled",
    "aws.api#taggable",
    "aws.auth#cognitoUserPools",
    "aws.auth#sigv4",
    "aws.auth#sigv4a",
    "aws.auth#unsignedPayload",
    "aws.cloudformation#cfnAdditionalIdentifier",
    "aws.cloudformation#cfnExcludeProperty",
    "aws.cloudformation#cfnMutability",
    "aws.cloudformation#cfnName",
    "aws.cloudformation#cfnResource",
    "aws.customizations#annotationsIndexKey",
    "aws.customizations#s3UnwrappedXmlOutput",
    "aws.endpoints#dualStackOnlyEndpoints",
    "aws.endpoints#rulesBasedEndpoints",
    "aws.endpoints#standardPartitionalEndpoints",
    "aws.endpoints#standardRegionalEndpoints",
    "aws.iam#actionName",
    "aws.iam#actionPermissionDescription",
    "aws.iam#conditionKeyValue",
    "aws.iam#conditionKeys",
    "aws.iam#defineConditionKeys",
    "aws.iam#disableConditionKeyInference",
    "aws.iam#iamAction",
    "aws.iam#iamResource",
    "aws.iam#requiredActions",
    "aws.iam#serviceResolvedConditionKeys",
    "aws.iam#supportedPrincipalTypes",
    "aws.protocols#awsJson1_0",
    "aws.protocols#awsJson1_1",
    "aws.protocols#awsQuery",
    "aws.protocols#awsQueryCompatible",
    "aws.protocols#awsQueryError",
    "aws.protocols#ec2Query",
    "aws.protocols#ec2QueryName",
    "aws.protocols#httpChecksum",
    "aws.protocols#restJson1",
    "aws.protocols#restXml",
    "smithy.api#addedDefault",
    "smithy.api#auth",
    "smithy.api#box",
    "smithy.api#clientOptional",
    "smithy.api#cors",
    "smithy.api#default",
    "smithy.api#defaultValue",
    "smithy.api#deprecated",
    "smithy.api#documentation",
    "smithy.api#endpoint",
    "smithy.api#enum",
    "smithy.api#enumValue",
    "smithy.api#error",
    "smithy.api#eventHeader",
    "smithy.api#eventPayload",
    "smithy.api#examples",
    "smithy.api#externalDocumentation",
    "smithy.api#hostLabel",
    "smithy.api#http",
    "smithy.api#httpApiKeyAuth",
    "smithy.api#httpBasicAuth",
    "smithy.api#httpBearerAuth",
    "smithy.api#httpChecksumRequired",
    "smithy.api#httpDigestAuth",
    "smithy.api#httpError",
    "smithy.api#httpHeader",
    "smithy.api#httpLabel",
    "smithy.api#httpPayload",
    "smithy.api#httpPrefixHeaders",
    "smithy.api#httpQuery",
    "smithy.api#httpQueryParams",
    "smithy.api#httpResponseCode",
    "smithy.api#idRef",
    "smithy.api#idempotencyToken",
    "smithy.api#idempotent",
    "smithy.api#input",
    "smithy.api#internal",
    "smithy.api#jsonName",
    "smithy.api#length",
    "smithy.api#mediaType",
    "smithy.api#mixin",
    "smithy.api#nestedProperties",
    "smithy.api#noReplace",
    "smithy.api#notProperty",
    "smithy.api#optionalAuth",
    "smithy.api#output",
    "smithy.api#paginated",
    "smithy.api#pattern",
    "smithy.api#private",
    "smithy.api#property",
    "smithy.api#protocolDefinition",
    "smithy.api#range",
    "smithy.api#readonly",
    "smithy.api#recommended",
    "smithy.api#references",
    "smithy.api#requestCompression",
    "smithy.api#required",
    "smithy.api#requiresLength",
    "smithy.api#resourceIdentifier",
    "smithy.api#retryable",
    "smithy.api#sensitive",
    "smithy.api#since",
    "smithy.api#sparse",
    "smithy.api#streaming",
    "smithy.api#suppress",
    "smithy.api#tags",
    "smithy.api#timestampFormat",
    "smithy.api#title",
    "smithy.api#trait",
    "smithy.api#traitValidators",
    "smithy.api#uniqueItems",
    "smithy.api#unitType",
    "smithy.api#unstable",
    "smithy.api#xmlAttribute",
    "smithy.api#xmlFlattened",
    "smithy.api#xmlName",
    "smithy.api#xmlNamespace",
    "smithy.protocols#rpcv2Cbor",
    "smithy.rules#clientContextParams",
    "smithy.rules#contextParam",
    "smithy.rules#endpointBdd",
    "smithy.rules#endpointRuleSet",
    "smithy.rules#endpointTests",
    "smithy.rules#operationContextParams",
    "smithy.rules#staticContextParams",
    "smithy.test#httpMalformedRequestTests",
    "smithy.test#httpRequestTests",
    "smithy.test#httpResponseTests",
    "smithy.test#smokeTests",
    "smithy.waiters#waitable",
];

/// Traits that nothing here understands, each with the first place that carries it.
pub(super) fn unknown(ast: &Ast<'_>) -> Vec<Warning> {
    let mut found = BTreeMap::new();
    for (id, shape) in &ast.shapes {
        // What a trait's own definition says is about models, not about messages.
        if shape.traits.contains_key("smithy.api#trait") {
            continue;
        }
        let at = format!("/shapes/{}", escaped(id));
        note_unknown(&shape.traits, &at, &mut found);
        for (name, member) in shape.members() {
            note_unknown(&member.traits, &format!("{at}/members/{}", escaped(name)), &mut found);
        }
        for (part, member) in [("member", &shape.member), ("key", &shape.key), ("value", &shape.value)] {
            if let Some(member) = member {
                note_unknown(&member.traits, &format!("{at}/{part}"), &mut found);
            }
        }
    }
    let warning = |(name, pointer): (String, String)| Warning {
        file: ast.file().to_owned(),
        pointer,
        problem: format!("the trait {name} is not known, and has no effect"),
        mend: "say what matters of it in an overlay, or leave it".to_owned(),
    };
    found.into_iter().map(warning).collect()
}

fn note_unknown(traits: &Map<String, Value>, at: &str, found: &mut BTreeMap<String, String>) {
    for name in traits.keys() {
        let is_word = name.strip_prefix(OWN).is_some_and(|word| WORDS.contains(&word));
        if !is_word && !KNOWN.contains(&name.as_str()) {
            found.entry(name.clone()).or_insert_with(|| format!("{at}/traits/{}", escaped(name)));
        }
    }
}
