//! A cluster's life told by the AWS SDK for Rust: created, shown, listed, deleted, gone.
//!
//! Prints what it saw and nothing that differs from run to run. The provider is named by
//! AWS_ENDPOINT_URL, and the credentials by the environment.

use std::env;
use std::fmt::Debug;
use std::time::SystemTime;

use aws_sdk_dsql::Client;
use aws_sdk_dsql::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dsql::config::{BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents};
use aws_sdk_dsql::error::{BoxError, ProvideErrorMetadata};
use aws_sdk_dsql::primitives::{DateTime, DateTimeFormat};

/// The client as any program makes it, but for its address.
fn client(endpoint: &str) -> Client {
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("set {name}"));
    let (key, secret) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    let config = aws_sdk_dsql::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(key, secret, None, None, "environment"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint)
        .interceptor(Today)
        .build();
    Client::from_conf(config)
}

/// Refuses to send what is not signed with the date of today.
#[derive(Debug)]
struct Today;

impl Intercept for Today {
    fn name(&self) -> &'static str {
        "today"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let signed = context.request().headers().get("x-amz-date").unwrap_or_default().to_owned();
        let today = DateTime::from(SystemTime::now()).fmt(DateTimeFormat::DateTime)?.replace('-', "");
        match signed.get(..8) == today.get(..8) {
            true => Ok(()),
            false => Err(format!("signed on {signed}, and it is {today}").into()),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dsql = client(&env::var("AWS_ENDPOINT_URL").expect("set AWS_ENDPOINT_URL: this creates clusters"));
    let made = dsql.create_cluster().deletion_protection_enabled(false).tags("team", "orders").send().await;
    let made = made.expect("a cluster");
    println!("create: {}, since {}", made.status(), made.creation_time().secs() > 0);
    let id = made.identifier();
    let shown = dsql.get_cluster().identifier(id).send().await.expect("the cluster");
    println!("get: {}, {:?}", shown.status(), shown.tags());
    let listed = dsql.list_clusters().max_results(10).send().await.expect("clusters");
    println!("list: {}, this one: {}", listed.clusters().len(), listed.clusters()[0].identifier() == id);
    let deleted = dsql.delete_cluster().identifier(id).send().await.expect("the cluster");
    println!("delete: {}", deleted.status());
    let nothing = dsql.get_cluster().identifier("a".repeat(26)).send().await.expect_err("no such cluster");
    println!("get another: refused, {}", nothing.code().unwrap_or("without a name"));
}
