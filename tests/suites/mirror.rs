//! Three repositories with twenty tags each, into a registry with a password and into a layout:
//! in one run, read once, byte for byte, and a second run writes nothing.

use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Layer, Pusher, Seed, Seeded};
use engine_tests::real::{DockerRegistry, Tool, Wanted};
use engine_tests::registry::{Asked, Kind, Registry};
use engine_tests::world;
use engine_tests::world::World;
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

const REPOSITORIES: [&str; 3] = ["team/app", "team/tools", "team/base"];
const TAGS: usize = 20;
const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

const SPEC: &str = r#"
apiVersion: engine/v1
registries:
  SOURCE: {endpoint: "http://SOURCE"}
  MIRROR: {endpoint: "http://MIRROR", auth: {username: ann, password: {env: PASSWORD}}}
sources:
  all: {from: [SOURCE/team/app, SOURCE/team/tools, SOURCE/team/base]}
sinks:
  mirror: {inputs: [all], to: "MIRROR/{{ item.source.repo }}:{{ item.tag }}"}
  disk: {inputs: [all], to: "oci:out:{{ item.source.repo }}:{{ item.tag }}"}
"#;

/// An image with its names.
struct Named {
    repository: &'static str,
    tag: String,
    image: Seeded,
}

/// All images: every fourth has two platforms, and one layer is in all of them.
fn images() -> Vec<Named> {
    let mut seed = Seed::new(700);
    let shared = seed.layer(4000);
    let mut named = Vec::new();
    for repository in REPOSITORIES {
        for number in 0..TAGS {
            let layers = [shared.clone(), seed.layer(300)];
            let image = image(&mut seed, number, &layers);
            named.push(Named { repository, tag: format!("v1.{number}"), image });
        }
    }
    named
}

fn image(seed: &mut Seed, number: usize, layers: &[Layer]) -> Seeded {
    match number % 8 {
        0 => seed.index_of(Dialect::Oci, &PLATFORMS, layers),
        4 => seed.index_of(Dialect::Docker, &PLATFORMS, layers),
        1 => seed.image_of(Dialect::Docker, PLATFORMS[0], layers),
        _ => seed.image_of(Dialect::Oci, PLATFORMS[0], layers),
    }
}

fn spec(source: SocketAddr, mirror: SocketAddr) -> String {
    SPEC.replace("SOURCE", &source.to_string()).replace("MIRROR", &mirror.to_string())
}

fn with_password() -> DockerRegistry {
    let user = Some(("ann".to_owned(), "secret".to_owned()));
    DockerRegistry::start(&Wanted { user, tls: false, ..Wanted::default() })
}

/// The requests in the log of a real registry that began with one of these methods.
fn asked(registry: &DockerRegistry, methods: &[&str]) -> Vec<String> {
    let log = registry.log();
    let requests = log.lines().filter_map(|line| line.split('"').nth(1));
    let wanted = |line: &&str| methods.iter().any(|method| line.starts_with(method));
    requests.filter(wanted).map(str::to_owned).collect()
}

/// Every file below a folder with its length and when it was written.
fn files(folder: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, about) = (entry.path(), entry.metadata().unwrap());
        if about.is_dir() {
            found.extend(files(&path));
        } else {
            let written = about.modified().unwrap();
            found.insert(path.display().to_string(), (about.len(), written));
        }
    }
    found
}

#[tokio::test]
async fn three_repositories_of_twenty_tags_go_to_a_registry_and_a_layout() {
    let tools = [Tool::DockerRegistry, Tool::Htpasswd, Tool::Skopeo, Tool::Umoci];
    if !Tool::all_here("the mirror between real registries", &tools) {
        return;
    }
    let (source, mirror) = (DockerRegistry::start(&Wanted::default()), with_password());
    let client = Pusher::new(&source.url());
    let images = images();
    for Named { repository, tag, image } in &images {
        client.push(image, repository, tag).await;
    }
    let world = world!().with("PASSWORD", "secret");
    world.write("sync.yaml", &spec(source.address(), mirror.address()));
    let before = asked(&source, &["GET"]).len();
    let first = world.run(&["run", "sync.yaml"]).expect_success();
    assert!(first.stderr.contains("120 copied;"), "{}", first.stderr);

    let reads: Vec<String> = asked(&source, &["GET"]).split_off(before);
    let mut blobs: Vec<&String> = reads.iter().filter(|line| line.contains("/blobs/")).collect();
    let all: BTreeSet<_> = images.iter().flat_map(|named| named.image.blobs.keys()).collect();
    blobs.sort_by_key(|line| line.split("/blobs/").nth(1));
    assert_eq!(blobs.len(), all.len(), "each blob is read once\n{blobs:#?}");
    let layout = world.here().join("out");
    Audited::Layout(&layout).assert_sound();
    others_read_the_same(&images, mirror.address(), &layout);

    let (written, on_disk) = (asked(&mirror, &["P", "D"]).len(), files(&layout));
    let second = world.run(&["run", "sync.yaml"]).expect_success();
    assert!(second.stderr.contains("120 unchanged;"), "{}", second.stderr);
    assert_eq!(asked(&mirror, &["P", "D"]).len(), written, "a second run writes nothing");
    assert_eq!(files(&layout), on_disk, "a second run writes nothing");
}

/// Skopeo sees every manifest at both ends as it was made; umoci finds every name.
fn others_read_the_same(images: &[Named], mirror: SocketAddr, layout: &Path) {
    let raw = |words: &[&str]| {
        let output = Tool::Skopeo.output(&[&["inspect", "--raw"], words].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let layout = layout.display();
    for Named { repository, tag, image } in images {
        let there = format!("docker://{mirror}/{repository}:{tag}");
        let there = raw(&["--tls-verify=false", "--creds", "ann:secret", &there]);
        assert_eq!(there, **image.top_bytes(), "{repository}:{tag} at the mirror");
        // Skopeo does not find Docker's media types by name in a layout; the auditor does.
        if image.top.media_type.starts_with("application/vnd.oci.") {
            let here = raw(&[&format!("oci:{layout}:{repository}:{tag}")]);
            assert_eq!(here, **image.top_bytes(), "{repository}:{tag} in the layout");
        }
    }
    let names = Tool::Umoci.run(&["ls", "--layout", &layout.to_string()]);
    let names: BTreeSet<&str> = names.lines().collect();
    let all: Vec<String> =
        images.iter().map(|one| format!("{}:{}", one.repository, one.tag)).collect();
    assert_eq!(names, all.iter().map(String::as_str).collect());
    let image = format!("{layout}:team/tools:v1.3");
    Tool::Umoci.run(&["stat", "--image", &image]);
}

#[test]
fn every_blob_is_read_once_and_uploaded_once() {
    let (source, mirror) = (Registry::open(), Registry::open());
    let images = images();
    for Named { repository, tag, image } in &images {
        image.push_into(&source, repository, tag);
    }
    let world = world!().with("PASSWORD", "not asked for");
    world.write("sync.yaml", &spec(source.address(), mirror.address()));
    drop(world.run(&["run", "sync.yaml"]).expect_success());

    let mut reads: BTreeMap<String, usize> = BTreeMap::new();
    for asked in source.journal().all() {
        if asked.kind == Kind::Blob && asked.method == Method::GET {
            let digest = asked.path.rsplit('/').next().unwrap().to_owned();
            *reads.entry(digest).or_default() += 1;
        }
    }
    let all: BTreeSet<_> = images.iter().flat_map(|named| named.image.blobs.keys()).collect();
    let once = all.iter().map(|digest| (digest.to_string(), 1)).collect();
    assert_eq!(reads, once, "each blob is read once");
    let sent = mirror.journal().count(|asked| asked.kind == Kind::Upload && asked.body_bytes > 0);
    assert_eq!(sent, all.len(), "each blob is uploaded once\n{}", mirror.journal().lines());
    assert_eq!(source.journal().writes(), 0);
    Audited::Registry(&mirror).assert_sound();
    for Named { repository, tag, image } in &images {
        let found = mirror.store().manifest(repository, tag).unwrap();
        assert_eq!(found.0, image.top.digest, "{repository}:{tag}");
    }

    mirror.journal().clear();
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    assert_eq!(mirror.journal().count(Asked::is_write), 0, "{}", mirror.journal().lines());
}

#[tokio::test]
async fn a_password_comes_from_wherever_it_is_kept() {
    if !Tool::all_here("passwords", &[Tool::DockerRegistry, Tool::Htpasswd]) {
        return;
    }
    let (source, mirror) = (Registry::open(), with_password());
    Seed::new(701).image(&[200]).push_into(&source, "app", "v1");
    let client = Pusher::new(&mirror.url()).user("ann", "secret");
    for (way, auth) in [
        ("docker-config", ""),
        ("auth-file", ""),
        ("auth-json", ""),
        ("configured-helper", ""),
        ("named-helper", ", auth: {helper: ours}"),
        ("env", ", auth: {username: ann, password: {env: PASSWORD}}"),
        ("file", ", auth: {username: ann, password: {file: secret.txt}}"),
        ("exec", ", auth: {username: ann, password: {exec: [echo, secret]}}"),
    ] {
        let world = with_a_login(way, mirror.address());
        let text = one_image(source.address(), mirror.address(), auth, way);
        world.write("sync.yaml", &text);
        let outcome = world.run(&["run", "sync.yaml"]);
        assert_eq!(outcome.code, 0, "{way}\n{}", outcome.stderr);
        let there = client.request(Method::HEAD, &format!("/v2/{way}/manifests/v1"));
        let there = there.header("accept", Dialect::Oci.manifest());
        assert!(there.send().await.unwrap().status().is_success(), "{way}");
    }
}

/// A world in which the password is where this way keeps it.
fn with_a_login(way: &str, registry: SocketAddr) -> World {
    let world = world!();
    let auths = format!(r#"{{"auths": {{"{registry}": {{"auth": "YW5uOnNlY3JldA=="}}}}}}"#);
    let helpers = format!(r#"{{"credHelpers": {{"{registry}": "ours"}}}}"#);
    world.write("secret.txt", "secret\n");
    match way {
        "docker-config" => drop(world.write("~/.docker/config.json", &auths)),
        "auth-json" => drop(world.write("~/.config/containers/auth.json", &auths)),
        "configured-helper" => drop(world.write("~/.docker/config.json", &helpers)),
        "auth-file" => {
            let path = world.write("elsewhere/auth.json", &auths).display().to_string();
            return world.with("REGISTRY_AUTH_FILE", &path);
        }
        "env" => return world.with("PASSWORD", "secret"),
        _ => {}
    }
    if way.ends_with("helper") {
        return with_a_helper(world);
    }
    world
}

/// A credential helper as `docker login` knows them: `get` on stdin's registry, JSON on stdout.
fn with_a_helper(world: World) -> World {
    use std::os::unix::fs::PermissionsExt as _;
    let script = "#!/bin/sh\nread -r registry\n\
        printf '{\"ServerURL\":\"%s\",\"Username\":\"ann\",\"Secret\":\"secret\"}' \"$registry\"\n";
    let path = world.write("bin/docker-credential-ours", script);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let path = path.parent().unwrap().display();
    let path = format!("{path}:{}", std::env::var("PATH").unwrap());
    world.with("PATH", &path)
}

fn one_image(source: SocketAddr, mirror: SocketAddr, more: &str, name: &str) -> String {
    format!(
        "apiVersion: engine/v1\n\
         registries:\n  {source}: {{endpoint: \"http://{source}\"}}\n  \
         {mirror}: {{endpoint: \"http://{mirror}\"{more}}}\n\
         sources:\n  app: {{from: {source}/app:v1}}\n\
         sinks:\n  mirror: {{inputs: [app], to: \"{mirror}/{name}\"}}\n"
    )
}
