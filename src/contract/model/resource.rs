/// Something with a lifecycle.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the lifecycle's members name the operations of Smithy's lifecycle")]
pub struct Resource {
    pub name: String,
    /// Members that identify it, wherever they occur.
    pub identifiers: Vec<String>,
    pub create: Option<String>,
    pub read: Option<String>,
    pub update: Option<String>,
    pub delete: Option<String>,
    pub list: Option<String>,
    /// How it is tagged.
    pub tagging: Option<Tagging>,
    /// The member that no two of them share.
    pub unique: Option<Unique>,
    /// The error for an identifier that names nothing.
    pub not_found: Option<String>,
    /// The states that it goes through.
    pub states: Option<States>,
}

impl Resource {
    /// The names of all its operations.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        let tagging = self.tagging.iter().flat_map(|tagging| [&tagging.tag, &tagging.untag, &tagging.list]);
        [&self.create, &self.read, &self.update, &self.delete, &self.list]
            .into_iter()
            .flatten()
            .chain(tagging)
            .map(String::as_str)
    }
}

/// How a resource is tagged (Smithy `aws.api#taggable`).
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the members name the operations")]
pub struct Tagging {
    /// The member of the resource that shows its tags.
    pub property: String,
    pub tag: String,
    pub untag: String,
    pub list: String,
}

/// A member that no two resources share.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The member.
    pub member: String,
    /// The error for a second one.
    pub error: String,
}

/// The states of a resource.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct States {
    /// The member that shows the state.
    pub member: String,
    pub initial: String,
    pub settled: Vec<String>,
    pub deleting: Option<String>,
    /// The documented single steps: a state, and those that come after it.
    pub transitions: Vec<(String, Vec<String>)>,
}

impl States {
    /// Whether the documented steps lead from one state to another, in one or in several.
    pub fn leads(&self, from: &str, to: &str) -> bool {
        let mut reached: Vec<&str> = vec![from];
        let mut looked_at = 0;
        while let Some(state) = reached.get(looked_at).copied() {
            looked_at += 1;
            let steps = self.transitions.iter().filter(|(before, _)| before == state);
            for next in steps.flat_map(|(_, after)| after) {
                if next == to {
                    return true;
                }
                if !reached.contains(&next.as_str()) {
                    reached.push(next);
                }
            }
        }
        false
    }

    /// Whether any documented step begins or ends in a state.
    pub fn knows(&self, state: &str) -> bool {
        self.transitions.iter().any(|(before, after)| before == state || after.iter().any(|it| it == state))
    }
}
