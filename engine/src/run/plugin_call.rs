//! One call of a plugin, for its author: through the same host as a run, with the same limits and
//! no more grants than were asked for.

use super::session::{PlaceToOpen, Purpose, TrustPolicy, session};
use super::{Refused, Request};
use crate::diagnostic::{Fault, Origin, Place, Schema};
use crate::host;
use crate::oci::{Descriptor, Digest, Hasher, Name, Reference, ReferenceForm};
use crate::report::FaultStage;
use crate::role::{
    Capabilities, Component, ComponentSource, GrantedHost, Grants, Selector, Session, Side,
};
use crate::stream::Body;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Bytes of the largest blob that is given as it is; of others there is size and digest.
const MAX_RAW_BYTES: u64 = 1 << 30;
/// The step and the plugin in a fault or a log line.
const NAME: &str = "call";

/// A call that is to be made.
#[derive(Debug, Clone)]
pub struct PluginCall {
    /// The component's file.
    pub component: PathBuf,
    /// The function, as `wit/transport.wit` names it.
    pub function: Function,
    /// The place that is opened.
    pub place: String,
    /// Which end of a copy the session is.
    pub side: Side,
    /// The settings.
    pub with: Value,
    /// Hosts that are granted. No login goes there: there is no spec to name one.
    pub http: Vec<String>,
    /// Directories that are granted, by the name under which the plugin sees them.
    pub directories: BTreeMap<String, PathBuf>,
}

/// A function of a transport that reads, with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// `describe`
    Describe,
    /// `list-repositories`
    ListRepositories,
    /// `list-tags` of a repository
    ListTags(String),
    /// `resolve` in a repository
    Resolve(String, Selector),
    /// `get-manifest` in a repository
    GetManifest(String, Selector),
    /// `get-blob` of a repository; `raw` wants the bytes
    GetBlob {
        /// The repository.
        repository: String,
        /// The blob; its size is 0 where it is not known.
        blob: Descriptor,
        /// The first byte.
        offset: u64,
        /// Whether the bytes are wanted, and not what they are.
        raw: bool,
    },
    /// `has-blob` in a repository
    HasBlob(String, Descriptor),
}

impl Function {
    /// The name of the image whose content is handed out, as far as the call says it; none where none
    /// is.
    fn hands_out(&self) -> Option<Name> {
        let (repository, selector) = match self {
            Self::GetManifest(repository, selector) => (repository, Some(selector)),
            Self::GetBlob { repository, .. } => (repository, None),
            _ => return None,
        };
        let mut name = Name { repository: repository.clone(), ..Name::default() };
        match selector {
            Some(Selector::Tag(tag)) => name.tag = Some(tag.clone()),
            Some(Selector::Digest(digest)) => name.digest = Some(digest.clone()),
            Some(Selector::Index(_) | Selector::Id(_) | Selector::Only) | None => {}
        }
        Some(name)
    }
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallResult {
    /// As JSON.
    Json(Value),
    /// Bytes as they are.
    Bytes(Bytes),
}

/// Makes a call.
///
/// # Errors
///
/// The component is none, the settings are wrong by its schema, or what the call fails with.
pub async fn call(request: &Request, call: PluginCall) -> Result<CallResult, Refused> {
    let file = call.component.display().to_string();
    let refused = |faults: Vec<Fault>| Refused {
        faults,
        file: file.clone(),
        text: None,
        stage: FaultStage::Call,
    };
    let path = request.surroundings.directory.join(&call.component);
    let component = described(path).map_err(&refused)?;
    checked(&component, &call.with).map_err(&refused)?;
    let came = called(request, component, call).await;
    came.map_err(|fault| refused(vec![in_words_of_the_command(fault)]))
}

/// There is no spec to add a grant to: the command has options for it.
fn in_words_of_the_command(fault: Fault) -> Fault {
    let help = match (fault.fact_of("wanted-dir"), fault.fact_of("wanted-http")) {
        (Some(name), _) => format!("add `--dir {name}=PATH`"),
        (_, Some(host)) => format!("add `--http {host}`"),
        _ => return fault,
    };
    fault.help(help)
}

/// What a component's file says of itself.
///
/// # Errors
///
/// `host::not-a-plugin`, `host::manifest`, `host::unreadable`.
pub fn described(path: PathBuf) -> Result<Component, Vec<Fault>> {
    let plugins = BTreeMap::from([(NAME.to_owned(), ComponentSource::Path(path))]);
    let without_place = |mut fault: Fault| {
        fault.place = None;
        fault.from_origin(Origin::Plugin)
    };
    let found = host::catalog(&plugins);
    let mut catalog =
        found.map_err(|faults| faults.into_iter().map(without_place).collect::<Vec<_>>())?;
    catalog.components.remove(NAME).ok_or_else(Vec::new)
}

fn checked(component: &Component, with: &Value) -> Result<(), Vec<Fault>> {
    let schema = Schema::new(&component.settings).map_err(|fault| vec![fault])?;
    let faults = schema.check(with, &Place::root().key("with"));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

async fn called(
    request: &Request,
    component: Component,
    call: PluginCall,
) -> Result<CallResult, Fault> {
    let is_registry = is_registry(&call.place);
    let trust = trust_policy(request, &call);
    let grants = Grants {
        registries: is_registry.then(|| call.place.clone()).into_iter().collect(),
        http: call.http.into_iter().map(GrantedHost::anonymous).collect(),
        directories: call.directories,
        ..Grants::default()
    };
    let to_open = PlaceToOpen {
        step: NAME.to_owned(),
        word: NAME.to_owned(),
        component,
        place: call.place,
        grants,
        settings: call.with,
        registries: BTreeMap::new(),
    };
    let purpose = match call.side {
        Side::Source => Purpose::Read,
        Side::Destination => Purpose::Write,
    };
    let open = session(request, to_open, purpose, trust).await?;
    if call.function == Function::Describe {
        return Ok(CallResult::Json(capabilities(open.capabilities())));
    }
    asked(open.session(), call.function).await
}

/// A path is a directory of the component's; anything else that is named is a registry.
fn is_registry(place: &str) -> bool {
    !place.is_empty() && !place.contains('/')
}

/// What hands out content obeys the machine's trust policy. A component that is called by its file has
/// no transport word that a policy could know, so the place is looked up under each word that it could
/// have: by another name, a component must not hand out what `docker` may not.
fn trust_policy(request: &Request, call: &PluginCall) -> TrustPolicy {
    let Some(name) = call.function.hands_out() else { return TrustPolicy::None };
    let image = |word: &str, form: ReferenceForm, place: &str| Reference {
        transport: word.to_owned(),
        form,
        place: place.to_owned(),
        name: name.clone(),
    };
    TrustPolicy::Obey(match call.place.as_str() {
        "" => vec![image(NAME, ReferenceForm::BY_ID, "")],
        place if is_registry(place) => {
            // Scopes have one of the names of docker.io, and a place may be any of them.
            let in_full = format!("docker://{place}/{name}").parse::<Reference>();
            let as_written = image("docker", ReferenceForm::REGISTRY, place);
            in_full.into_iter().chain([as_written]).collect()
        }
        path => {
            let path = request.surroundings.directory.join(path).display().to_string();
            let (oci, dir) = (ReferenceForm::LAYOUT, ReferenceForm::DIRECTORY);
            vec![image("oci", oci, &path), image("dir", dir, &path)]
        }
    })
}

async fn asked(session: &dyn Session, function: Function) -> Result<CallResult, Fault> {
    Ok(CallResult::Json(match function {
        Function::Describe => Value::Null,
        Function::ListRepositories => json!(session.list_repositories().await?),
        Function::ListTags(repository) => json!(session.list_tags(&repository).await?),
        Function::Resolve(repository, which) => {
            let found = session.resolve(&repository, &which).await?;
            found.as_ref().map_or(Value::Null, descriptor)
        }
        Function::GetManifest(repository, which) => {
            match session.get_manifest(&repository, &which).await? {
                Some(found) => {
                    let manifest: Value = serde_json::from_slice(&found.bytes).unwrap_or_default();
                    json!({"descriptor": descriptor(&found.descriptor), "manifest": manifest})
                }
                None => Value::Null,
            }
        }
        Function::GetBlob { repository, blob, offset, raw } => {
            let body = session.get_blob(&repository, &blob, offset).await?;
            if raw {
                return Ok(CallResult::Bytes(body.read_all(MAX_RAW_BYTES).await?));
            }
            weighed(body, &blob, offset).await?
        }
        Function::HasBlob(repository, blob) => {
            json!(session.has_blob(&repository, &blob).await?)
        }
    }))
}

/// Size and digest of a body, and whether they are what was asked for.
async fn weighed(mut body: Body, blob: &Descriptor, offset: u64) -> Result<Value, Fault> {
    let mut hasher = Hasher::new(blob.digest.algorithm());
    let mut size = 0_u64;
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        size += chunk.len() as u64;
        hasher.update(&chunk);
    }
    let digest: Digest = hasher.finish();
    if offset > 0 {
        return Ok(json!({"size": size, "digest": digest.to_string()}));
    }
    let right = digest == blob.digest && (blob.size == 0 || blob.size == size);
    Ok(json!({"size": size, "digest": digest.to_string(), "asWasAskedFor": right}))
}

fn descriptor(descriptor: &Descriptor) -> Value {
    let mut answer = Map::new();
    answer.insert("mediaType".to_owned(), json!(descriptor.media_type));
    answer.insert("digest".to_owned(), json!(descriptor.digest.to_string()));
    answer.insert("size".to_owned(), json!(descriptor.size));
    if let Some(kind) = &descriptor.artifact_type {
        answer.insert("artifactType".to_owned(), json!(kind));
    }
    if let Some(platform) = &descriptor.platform {
        answer.insert("platform".to_owned(), json!(platform.to_string()));
    }
    if !descriptor.annotations.is_empty() {
        answer.insert("annotations".to_owned(), json!(descriptor.annotations));
    }
    Value::Object(answer)
}

fn capabilities(told: &Capabilities) -> Value {
    json!({
        "concurrent": told.concurrent,
        "listsRepositories": told.lists_repositories,
        "listsTags": told.lists_tags,
        "writes": told.writes,
        "deletes": told.deletes,
        "referrers": told.referrers,
        "namesInGroups": told.names_in_groups,
        "sharedBlobs": told.shared_blobs,
        "extra": told.extra,
    })
}
