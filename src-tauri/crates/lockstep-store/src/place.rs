//! Where Lockstep keeps its data, who may read it, and what uninstalling leaves behind.

use std::path::{Path, PathBuf};

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::lock::{HOLDER_FILE, LOCK_FILE};
use crate::open::{BACKUP_FOLDER, STORE_FILE};
use crate::secrets::{Entry, ID_FILE, SERVICE, SETUP_LOCK_FILE};
use crate::tables::accounts::AccountId;

/// Names the data folder where no argument does.
pub const DATA_DIR_VARIABLE: &str = "LOCKSTEP_DATA_DIR";

/// The data folder: the argument, else `LOCKSTEP_DATA_DIR`, else the platform's place for data of this machine.
///
/// Fails only where the platform knows no home folder.
pub fn data_dir(cli: Option<PathBuf>) -> Result<PathBuf> {
    let named = std::env::var_os(DATA_DIR_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(dir) = cli.or(named) {
        return Ok(dir);
    }
    // The local, not the roaming folder: a store belongs to one machine (hazards.md H47).
    directories::ProjectDirs::from("app", "", "Lockstep")
        .map(|dirs| dirs.data_local_dir().to_owned())
        .ok_or_else(|| {
            StoreError::new(
                StoreErrorKind::Invalid,
                "This user has no home folder, so there is no place for data.",
            )
            .with_remedy(format!("Name a folder with --data-dir or {DATA_DIR_VARIABLE}."))
        })
}

/// A file, folder or keychain entry of Lockstep's.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeptPlace {
    /// A path, or `service / user` of a keychain entry.
    pub place: String,
    pub kind: PlaceKind,
    /// What lies there, in a sentence.
    pub what: String,
    /// Whether a file or folder is there now; keychain entries are not asked.
    pub exists: Option<bool>,
    /// Whether uninstalling the program leaves it.
    pub stays_after_uninstall: bool,
}

/// Kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    Folder,
    File,
    KeychainEntry,
}

/// Everything Lockstep keeps outside its program files. `store` and `accounts` are empty where no store is open.
pub fn describe_places(dir: &Path, store: Option<&str>, accounts: &[(AccountId, String)]) -> Vec<KeptPlace> {
    let file = |name: &str, what: &str| path_place(dir.join(name), PlaceKind::File, what);
    let mut places = vec![
        path_place(dir.to_owned(), PlaceKind::Folder, "The data folder; readable by your user alone."),
        file(STORE_FILE, "The store: accounts, connections, links, runs. Encrypted."),
        file(
            &format!("{STORE_FILE}-wal"),
            "Newest steps of the store, while it is open or after a crash. Encrypted.",
        ),
        file(&format!("{STORE_FILE}-shm"), "Index of those steps while the store is open. Holds no content."),
        file(ID_FILE, "The store's id, which names its key in the keychain. Not secret."),
        file(LOCK_FILE, "Held while a process runs on the store. Empty."),
        file(HOLDER_FILE, "Says which process that is. For display."),
        file(SETUP_LOCK_FILE, "Held for a moment while the store is made. Empty."),
        path_place(
            dir.join(BACKUP_FOLDER),
            PlaceKind::Folder,
            "Copies made before the store was updated. Encrypted.",
        ),
    ];
    if let Some(store) = store {
        let mut entry = |entry: Entry, what: &str| {
            places.push(KeptPlace {
                place: format!("{SERVICE} / {}", entry.user()),
                kind: PlaceKind::KeychainEntry,
                what: what.to_owned(),
                exists: None,
                stays_after_uninstall: true,
            });
        };
        entry(Entry::StoreKey { store: store.to_owned() }, "The key that opens the store and its copies.");
        for (account, origin) in accounts {
            let account =
                Entry::Account { store: store.to_owned(), account: *account, origin: origin.clone() };
            entry(account, "How Lockstep signs in to this account.");
        }
    }
    places
}

fn path_place(path: PathBuf, kind: PlaceKind, what: &str) -> KeptPlace {
    KeptPlace {
        exists: Some(path.exists()),
        place: path.display().to_string(),
        kind,
        what: what.to_owned(),
        stays_after_uninstall: true,
    }
}

/// Makes `dir` when missing, for its owner alone, and refuses network drives (hazards.md H47).
pub(crate) fn prepare_folder(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|cause| StoreError::io("Making the folder", dir, &cause))?;
    refuse_network_drive(dir)?;
    only_for_owner(dir, 0o700)
}

/// Takes everybody's rights but the owner's away. On Windows the profile folder's own list does that.
pub(crate) fn only_for_owner(path: &Path, mode: u32) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let meta = std::fs::metadata(path).map_err(|cause| StoreError::io("Looking at", path, &cause))?;
        if meta.permissions().mode() & 0o777 != mode {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
                .map_err(|cause| StoreError::io("Setting the rights of", path, &cause))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}

/// A write-ahead log needs one machine's memory, and locks over a network lie.
pub(crate) fn refuse_network_drive(dir: &Path) -> Result<()> {
    let real = dir.canonicalize().map_err(|cause| StoreError::io("Looking for", dir, &cause))?;
    let Some(kind) = network_kind(&real) else { return Ok(()) };
    Err(StoreError::new(
        StoreErrorKind::NetworkDrive,
        format!(
            "{} lies on a network drive ({kind}); a store there could be damaged or run twice.",
            dir.display()
        ),
    )
    .with_remedy(format!("Choose a folder on this machine with --data-dir or {DATA_DIR_VARIABLE}.")))
}

#[cfg(target_os = "linux")]
fn network_kind(real: &Path) -> Option<String> {
    // Without /proc nothing can be said; then nothing is refused.
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    network_type(kind_in_mountinfo(&mounts, real)?)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn network_kind(real: &Path) -> Option<String> {
    let output = std::process::Command::new("/sbin/mount").output().ok()?;
    network_type(kind_in_mount_list(&String::from_utf8_lossy(&output.stdout), real)?)
}

#[cfg(windows)]
fn network_kind(real: &Path) -> Option<String> {
    // A mapped drive's real path is its share's.
    real.to_string_lossy().starts_with(r"\\?\UNC\").then(|| "a share".to_owned())
}

/// The file system's name where it lies on another machine. FUSE tells by its subtype; plain `fuse` is let pass.
#[cfg_attr(windows, allow(dead_code))]
fn network_type(kind: &str) -> Option<String> {
    const REMOTE: [&str; 19] = [
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "davfs",
        "ncpfs",
        "afs",
        "coda",
        "ceph",
        "glusterfs",
        "lustre",
        "9p",
        "sshfs",
    ];
    const REMOTE_FUSE: [&str; 9] =
        ["sshfs", "curlftpfs", "davfs", "davfs2", "glusterfs", "s3fs", "rclone", "gvfsd-fuse", "ceph-fuse"];
    let remote = match kind.strip_prefix("fuse.") {
        Some(subtype) => REMOTE_FUSE.contains(&subtype),
        None => REMOTE.contains(&kind),
    };
    remote.then(|| kind.to_owned())
}

/// The type of the innermost mount that holds `real`, from Linux' own table.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn kind_in_mountinfo<'a>(table: &'a str, real: &Path) -> Option<&'a str> {
    let mounts = table.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let point = unescaped(left.split(' ').nth(4)?);
        real.starts_with(&point).then(|| (Path::new(&point).components().count(), right.split(' ').next()))
    });
    // Later lines lie on top of earlier ones.
    mounts.enumerate().max_by_key(|(at, (depth, _))| (*depth, *at)).and_then(|(_, (_, kind))| kind)
}

/// Spaces and the like stand as `\040` in that table.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn unescaped(text: &str) -> String {
    ["\\040:\u{20}", "\\011:\t", "\\012:\n", "\\134:\\"].iter().fold(text.to_owned(), |text, pair| {
        let (code, plain) = pair.split_once(':').expect("each pair has its colon");
        text.replace(code, plain)
    })
}

/// As `kind_in_mountinfo`, from what `mount` prints: `//u@host/share on /Volumes/share (smbfs, nodev)`.
#[cfg_attr(any(windows, target_os = "linux"), allow(dead_code))]
fn kind_in_mount_list<'a>(list: &'a str, real: &Path) -> Option<&'a str> {
    let mounts = list.lines().filter_map(|line| {
        let (point, flags) = line.split_once(" on ")?.1.rsplit_once(" (")?;
        let kind = flags.split([',', ')']).next()?;
        real.starts_with(point).then(|| (Path::new(point).components().count(), kind))
    });
    mounts.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_drives_are_known_by_the_innermost_mount() {
        let table = "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                     40 21 0:35 / /home rw - nfs4 server:/home rw\n\
                     41 40 0:36 / /home/a\\040b/local rw - ext4 /dev/sdb1 rw\n\
                     42 21 0:37 / /mnt/far rw - fuse.sshfs me@host: rw\n\
                     43 21 0:38 / /mnt/near rw - fuse.ntfs-3g /dev/sdc rw\n";
        let kind = |path: &str| kind_in_mountinfo(table, Path::new(path)).and_then(network_type);
        assert_eq!(kind("/home/mia/data").as_deref(), Some("nfs4"));
        assert_eq!(kind("/home/a b/local/x"), None);
        assert_eq!(kind("/mnt/far/x").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind("/mnt/near"), None);
        assert_eq!(kind("/homework"), None);
    }

    #[test]
    fn the_mount_list_of_other_systems_is_read_too() {
        let list =
            "/dev/disk1s1 on / (apfs, local)\n//me@host/team data on /Volumes/team (smbfs, nodev, nosuid)\n";
        let kind = |path: &str| kind_in_mount_list(list, Path::new(path)).and_then(network_type);
        assert_eq!(kind("/Volumes/team/x").as_deref(), Some("smbfs"));
        assert_eq!(kind("/Users/me"), None);
    }

    #[test]
    fn the_argument_wins() {
        assert_eq!(data_dir(Some("/x/y".into())).unwrap(), PathBuf::from("/x/y"));
    }

    #[test]
    fn every_place_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let places =
            describe_places(dir.path(), Some("ab12cd34"), &[(AccountId(3), "https://x.example".into())]);
        assert!(places.iter().any(|place| place.place.ends_with("account:ab12cd34.3@https://x.example")));
        assert!(places.iter().any(|place| place.place == "app.lockstep / store-key:ab12cd34"));
        assert_eq!(places.iter().filter(|place| place.exists == Some(true)).count(), 1, "the folder alone");
    }
}
