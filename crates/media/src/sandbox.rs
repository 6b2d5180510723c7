//! The sandbox: what a media program may do, and how much of it.
//!
//! Owns the layers (resource limits, capabilities, Landlock, seccomp) and the report of how far they
//! hold on this machine. They are put on the *calling* process and can't be taken off again, so only
//! [`crate::exec`] calls this, in a process of its own, before it becomes the media program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit};
use rustix::thread::{CapabilitySet, CapabilitySets};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use serde::{Deserialize, Serialize};

/// The newest Landlock interface whose rights are asked for. Older kernels give what they have.
const LANDLOCK: ABI = ABI::V6;

/// How far a layer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// Every asked right is restricted.
    Full,
    /// An older kernel restricts some of them.
    Partial,
    /// The layer is missing.
    None,
}

/// What the sandbox achieves on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer per layer, as readiness shows them"
)]
pub struct SandboxStatus {
    /// Landlock interface version in use, 0 when there is none.
    pub landlock_abi: u32,
    /// How far files, network and signals are confined by Landlock.
    pub landlock: Enforcement,
    /// System call filter in place.
    pub seccomp: bool,
    /// New privileges can't be gained by executing a file.
    pub no_new_privs: bool,
    /// Capabilities are gone (or there were none).
    pub capabilities_dropped: bool,
    /// All resource limits were accepted.
    pub limits: bool,
}

impl SandboxStatus {
    /// The status of running without the helper.
    pub const fn off() -> Self {
        Self {
            landlock_abi: 0,
            landlock: Enforcement::None,
            seccomp: false,
            no_new_privs: false,
            capabilities_dropped: false,
            limits: false,
        }
    }

    /// Whether every layer holds. `Partial` Landlock counts from version 3 on, which is the first to
    /// cover truncation; what is newer (network, signals) is also covered by seccomp.
    pub fn is_enforced(&self) -> bool {
        let files = match self.landlock {
            Enforcement::Full => true,
            Enforcement::Partial => self.landlock_abi >= 3,
            Enforcement::None => false,
        };
        files && self.seccomp && self.no_new_privs && self.capabilities_dropped && self.limits
    }
}

/// What the program may touch and use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confinement {
    /// The program that is about to be executed; the only one that can be.
    pub program: PathBuf,
    /// Files it may read.
    pub reads: Vec<PathBuf>,
    /// The folder in which it may make, write and read files.
    pub writes: Option<PathBuf>,
    /// Processor time over all threads, seconds.
    pub cpu_s: u64,
    /// Largest file it may write, bytes.
    pub file_bytes: u64,
    /// Address space, bytes.
    pub memory_bytes: u64,
    /// Open files.
    pub open_files: u64,
}

/// Folders and files that hold shared libraries and what the dynamic loader reads.
const LIBRARIES: [&str; 7] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/nix/store",
];

/// Puts every layer on this process. Goes on where the kernel lacks one, and reports it.
pub fn confine(what: &Confinement) -> SandboxStatus {
    let limits = limit_resources(what);
    let capabilities_dropped = drop_capabilities().is_ok();
    let mut status = SandboxStatus {
        capabilities_dropped,
        limits,
        ..SandboxStatus::off()
    };
    status.no_new_privs = rustix::thread::set_no_new_privs(true).is_ok();
    if let Ok((abi, enforcement)) = restrict_files(what) {
        status.landlock_abi = abi;
        status.landlock = enforcement;
    }
    // The filter comes last: it forbids calls that the layers before it need.
    status.seccomp = filter_syscalls().is_ok();
    status
}

fn limit_resources(what: &Confinement) -> bool {
    let hard = |value: u64| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    [
        (Resource::As, hard(what.memory_bytes)),
        // With no room below the hard limit there is no signal that the program could ignore.
        (Resource::Cpu, hard(what.cpu_s)),
        (Resource::Fsize, hard(what.file_bytes)),
        (Resource::Nofile, hard(what.open_files)),
        (Resource::Core, hard(0)),
        // A crypto library that ffmpeg loads locks a page or two, and complains when it may not.
        (Resource::Memlock, hard(64 * 1024)),
        (Resource::Msgqueue, hard(0)),
    ]
    .into_iter()
    .all(|(resource, limit)| rustix::process::setrlimit(resource, limit).is_ok())
}

/// Gives up all capabilities but the one that lets root write to folders it does not own, which
/// Landlock bounds to the output folder.
fn drop_capabilities() -> Result<(), rustix::io::Errno> {
    let kept = CapabilitySet::DAC_OVERRIDE;
    let now = rustix::thread::capabilities(None)?;
    if now.permitted.contains(CapabilitySet::SETPCAP) {
        for bit in 0..u64::BITS {
            let capability = CapabilitySet::from_bits_retain(1 << bit);
            if capability == kept {
                continue;
            }
            // The kernel answers EINVAL past its last capability.
            if rustix::thread::remove_capability_from_bounding_set(capability).is_err() {
                break;
            }
        }
    }
    let left = now.permitted & kept;
    let sets = CapabilitySets {
        effective: left,
        permitted: left,
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, sets)
}

fn restrict_files(what: &Confinement) -> Result<(u32, Enforcement), landlock::RulesetError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile.into();
    let execute = AccessFs::ReadFile | AccessFs::Execute;
    let write = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::Truncate;
    // A program outside the system folders brings its libraries beside itself or in `../lib`.
    let beside = what
        .program
        .parent()
        .and_then(Path::parent)
        .map(|prefix| prefix.join("lib"));
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?
        .add_rules(path_beneath_rules(LIBRARIES, read))?
        .add_rules(path_beneath_rules(beside, read))?
        .add_rules(path_beneath_rules(
            std::iter::once(&what.program).chain(&loaders()),
            execute,
        ))?
        .add_rules(path_beneath_rules(&what.reads, read))?
        .add_rules(path_beneath_rules(["/dev/urandom"], read))?
        .add_rules(path_beneath_rules(
            ["/dev/null"],
            AccessFs::ReadFile | AccessFs::WriteFile,
        ))?
        .add_rules(path_beneath_rules(&what.writes, write))?
        .restrict_self()?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u32,
        _ => 0,
    };
    let enforcement = match status.ruleset {
        RulesetStatus::FullyEnforced => Enforcement::Full,
        RulesetStatus::PartiallyEnforced => Enforcement::Partial,
        RulesetStatus::NotEnforced => Enforcement::None,
    };
    Ok((abi, enforcement))
}

/// Dynamic loaders, which the kernel executes on behalf of the program.
fn loaders() -> Vec<PathBuf> {
    [
        "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-linux-aarch64.so.1",
        "/lib/ld-musl-x86_64.so.1",
        "/lib/ld-musl-aarch64.so.1",
    ]
    .into_iter()
    .map(PathBuf::from)
    .filter(|path| path.exists())
    .collect()
}

/// Calls that no media program needs: network, other processes, kernel surface, metadata of files.
const FORBIDDEN: &[libc::c_long] = &[
    // Sockets of every family.
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_kcmp,
    libc::SYS_kill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_tkill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // Mounts, namespaces, roots.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    // Rarely used, often vulnerable parts of the kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_setup,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    libc::SYS_inotify_init1,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_lookup_dcookie,
    libc::SYS_vmsplice,
    libc::SYS_personality,
    // Programs that have no file.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_execveat,
    // The machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    libc::SYS_nfsservctl,
    // Shared memory and queues with other processes.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    // Landlock does not cover a file's metadata.
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    // Identity.
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
];

/// Calls that only x86-64 still has.
#[cfg(target_arch = "x86_64")]
const FORBIDDEN_HERE: &[libc::c_long] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_ioperm,
    libc::SYS_iopl,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_kexec_file_load,
    libc::SYS_inotify_init,
];
#[cfg(not(target_arch = "x86_64"))]
const FORBIDDEN_HERE: &[libc::c_long] = &[];

/// `fchmodat2`, the same number everywhere, newer than the names at hand.
const SYS_FCHMODAT2: libc::c_long = 452;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn filter_syscalls() -> Result<(), seccompiler::Error> {
    let mut rules = Rules::new();
    for number in FORBIDDEN.iter().chain(FORBIDDEN_HERE).chain(&[SYS_FCHMODAT2]) {
        add(&mut rules, *number, Vec::new());
    }
    // A thread is a clone with CLONE_THREAD; without it, it is a new process. The first argument has
    // the flags on every architecture served here.
    add(
        &mut rules,
        libc::SYS_clone,
        vec![only_if(0, SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?],
    );
    // Signals to itself (abort) stay possible; the process id survives the coming exec.
    let own_pid = u64::from(std::process::id());
    add(
        &mut rules,
        libc::SYS_tgkill,
        vec![only_if(0, SeccompCmpOp::Ne, own_pid)?],
    );
    // Limits of others; 0 means its own.
    add(
        &mut rules,
        libc::SYS_prlimit64,
        vec![only_if(0, SeccompCmpOp::Ne, 0)?],
    );
    // Typing into a terminal, and the terminal's own paste buffer.
    for request in [libc::TIOCSTI, libc::TIOCLINUX] {
        add(
            &mut rules,
            libc::SYS_ioctl,
            vec![only_if(1, SeccompCmpOp::Eq, request)?],
        );
    }
    install(rules, libc::EPERM)?;

    // The arguments of clone3 can't be looked into. Told that the call does not exist, the C library
    // falls back to clone.
    let mut rules = Rules::new();
    add(&mut rules, libc::SYS_clone3, Vec::new());
    install(rules, libc::ENOSYS)
}

/// Adds a call, unconditionally when `rules_for` is empty; on x86-64 under its x32 number too, which
/// would otherwise walk around the filter.
fn add(rules: &mut Rules, number: libc::c_long, rules_for: Vec<SeccompRule>) {
    #[cfg(target_arch = "x86_64")]
    rules
        .entry(number | 0x4000_0000)
        .or_default()
        .extend(rules_for.clone());
    rules.entry(number).or_default().extend(rules_for);
}

fn only_if(argument: u8, compare: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::Error> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, compare, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}

fn install(rules: Rules, errno: i32) -> Result<(), seccompiler::Error> {
    let arch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        arch,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)
}
