//! ECR: the repositories, their images and what scanning found.
use super::{days, fixed_hex};
use crate::estate::{ACCOUNT, Estate, FindingsPart, REGION, RepositoryPart};
use crate::world::ecr::{Finding, Image, Repository};
use crate::world::ecs::ImageFault;
use crate::world::{Time, World};
use chrono::TimeDelta;

/// The lifecycle policy: untagged images expire 7 days after the push.
const LIFECYCLE: &str = r#"{"rules":[{"rulePriority":1,"description":"Expire untagged images after 7 days","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7},"action":{"type":"expire"}}]}"#;

/// A known vulnerability: name, severity, package, version, score, description.
type Known = [&'static str; 6];

const BACKEND: [Known; 18] = [
    [
        "CVE-2024-37371",
        "HIGH",
        "krb5",
        "1.20.1-2+deb12u1",
        "9.1",
        "Invalid memory reads during GSS message token handling",
    ],
    [
        "CVE-2023-45853",
        "HIGH",
        "zlib",
        "1:1.2.13.dfsg-1",
        "9.8",
        "Integer overflow and heap overflow in zipOpenNewFileInZip4_64",
    ],
    [
        "CVE-2024-2961",
        "MEDIUM",
        "glibc",
        "2.36-9+deb12u4",
        "7.3",
        "Out-of-bounds write in iconv ISO-2022-CN-EXT",
    ],
    [
        "CVE-2024-5535",
        "MEDIUM",
        "openssl",
        "3.0.11-1~deb12u2",
        "9.1",
        "SSL_select_next_proto buffer overread",
    ],
    [
        "CVE-2024-28085",
        "MEDIUM",
        "util-linux",
        "2.38.1-5+deb12u1",
        "3.3",
        "Escape sequences in wall messages",
    ],
    ["CVE-2023-50495", "MEDIUM", "ncurses", "6.4-4", "6.5", "Segmentation fault in _nc_wrap_entry"],
    [
        "CVE-2024-26462",
        "MEDIUM",
        "krb5",
        "1.20.1-2+deb12u1",
        "5.5",
        "Memory leak in the key distribution centre",
    ],
    ["CVE-2011-3374", "LOW", "apt", "2.6.1", "3.7", "apt-key does not validate GPG keys in all cases"],
    [
        "CVE-2022-0563",
        "LOW",
        "util-linux",
        "2.38.1-5+deb12u1",
        "5.5",
        "chfn and chsh read files through readline",
    ],
    ["CVE-2017-18018", "LOW", "coreutils", "9.1-1", "4.7", "chown and chgrp race with -R -L"],
    ["CVE-2007-5686", "LOW", "shadow", "1:4.13+dfsg1-1", "4.9", "Login records are readable"],
    ["CVE-2019-1010022", "LOW", "glibc", "2.36-9+deb12u4", "9.8", "Mitigation bypass, disputed"],
    ["CVE-2018-20796", "LOW", "glibc", "2.36-9+deb12u4", "7.5", "Uncontrolled recursion in regcomp"],
    ["CVE-2010-4756", "LOW", "glibc", "2.36-9+deb12u4", "4.0", "glob uses much memory"],
    ["CVE-2013-4392", "LOW", "systemd", "252.22-1~deb12u1", "3.3", "Race when changing file permissions"],
    ["CVE-2005-2541", "LOW", "tar", "1.34+dfsg-1.2", "10.0", "setuid files are extracted without a warning"],
    ["CVE-2011-4116", "LOW", "perl", "5.36.0-7+deb12u1", "7.5", "File::Temp follows symbolic links"],
    ["CVE-2016-2781", "LOW", "coreutils", "9.1-1", "6.5", "chroot lets a session escape to its terminal"],
];

const FRONTEND: [Known; 9] = [
    ["CVE-2024-21538", "HIGH", "cross-spawn", "7.0.3", "7.5", "Regular expression denial of service"],
    [
        "CVE-2024-9143",
        "MEDIUM",
        "openssl",
        "3.3.1-r3",
        "4.3",
        "Out-of-bounds memory access with unusual curves",
    ],
    ["CVE-2024-45296", "MEDIUM", "path-to-regexp", "6.2.0", "7.5", "Backtracking regular expressions"],
    ["CVE-2024-43799", "MEDIUM", "send", "0.18.0", "5.0", "Template injection in redirects"],
    [
        "CVE-2024-47764",
        "LOW",
        "cookie",
        "0.5.0",
        "3.7",
        "Cookie name, path and domain accept out-of-bounds characters",
    ],
    ["CVE-2023-42366", "LOW", "busybox", "1.36.1-r29", "5.5", "Heap overflow in awk's next_token"],
    ["CVE-2023-42365", "LOW", "busybox", "1.36.1-r29", "5.5", "Use after free in awk's copyvar"],
    ["CVE-2024-43800", "LOW", "serve-static", "1.15.0", "5.0", "Template injection in redirects"],
    ["CVE-2025-26519", "LOW", "musl", "1.2.5-r0", "7.0", "Out-of-bounds write in iconv EUC-KR"],
];

fn finding(known: &Known) -> Finding {
    let [name, severity, package, version, score, description] = *known;
    Finding {
        name: name.to_owned(),
        severity,
        description: description.to_owned(),
        uri: format!("https://nvd.nist.gov/vuln/detail/{name}"),
        package: package.to_owned(),
        package_version: version.to_owned(),
        cvss_score: score.to_owned(),
    }
}

/// The repositories, of this registry and of others.
pub(super) fn fill(world: &mut World, estate: &Estate) {
    let now = world.now;
    for part in &estate.repository {
        let findings: Vec<Finding> = match part.findings {
            FindingsPart::Api => BACKEND.iter().map(finding).collect(),
            FindingsPart::Web => FRONTEND.iter().map(finding).collect(),
            FindingsPart::Nothing => Vec::new(),
        };
        let repository = repository(part, &findings, now);
        let place =
            if part.registry.is_none() { &mut world.ecr.repositories } else { &mut world.ecr.elsewhere };
        place.push(repository);
    }
    // A service's own repository need not be described.
    for part in &estate.service {
        let name = format!("{}/{}", estate.project, part.name);
        let own = part.container.is_empty() || part.container.iter().any(|each| each.repository.is_none());
        if own && world.ecr.repository(&name).is_none() {
            world.ecr.repositories.push(repository(&RepositoryPart::plain(name, part.revision), &[], now));
        }
    }
}

/// A repository's images: the last six, and three that lost their tags.
fn repository(part: &RepositoryPart, findings: &[Finding], now: Time) -> Repository {
    let (name, newest, size) = (&part.name, i64::from(part.newest), part.size);
    let pushed = |age: i64| now - days(3 * age + 3) - TimeDelta::minutes(11 * age + 47);
    let image = |label: &str, tags: Vec<String>, pushed_at: Time, pulled: bool, size_bytes, findings| Image {
        digest: format!("sha256:{}", fixed_hex(&format!("{name} {label}"), 64)),
        tags,
        pushed_at,
        last_pulled_at: pulled.then(|| pushed_at + TimeDelta::minutes(3)),
        size_bytes,
        scanned_at: part.scan_on_push.then(|| pushed_at + TimeDelta::seconds(38)),
        findings,
        fault: ImageFault::None,
        ..Image::default()
    };
    let mut images: Vec<Image> = (0..6)
        .rev()
        .map(|age| {
            let tag = format!("1.{}.0", newest - age);
            let older = usize::try_from(age).unwrap_or(0);
            let grown = size - u64::try_from(age).unwrap_or(0) * 412_337;
            let found = findings.iter().skip(older / 2).cloned().collect();
            image(&tag, vec![tag.clone()], pushed(age), true, grown, found)
        })
        .collect();
    for (number, age) in [(1_i64, 9_i64), (2, 5), (3, 2)] {
        // A build that lost its tag to a rebuild; younger than the policy's seven days.
        let untagged = now - days(age) + TimeDelta::hours(55) - TimeDelta::minutes(number * 13);
        images.push(image(
            &format!("untagged {number}"),
            Vec::new(),
            untagged.min(now - days(1)),
            false,
            size - 90_211,
            findings.to_vec(),
        ));
    }
    images.sort_by_key(|each| each.pushed_at);
    let registry =
        part.registry.clone().unwrap_or_else(|| format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"));
    Repository {
        name: name.clone(),
        arn: format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"),
        registry_id: ACCOUNT.to_owned(),
        uri: format!("{registry}/{name}"),
        created_at: now - days(213),
        tag_mutability: if part.mutable { "MUTABLE" } else { "IMMUTABLE" },
        scan_on_push: part.scan_on_push,
        tag_exclusions: Vec::new(),
        encryption: "AES256",
        lifecycle_policy: Some(LIFECYCLE.to_owned()),
        lifecycle_evaluated_at: Some(now - TimeDelta::hours(9)),
        images,
    }
}
