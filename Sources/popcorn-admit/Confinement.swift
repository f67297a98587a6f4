import CLinux
import CSeccomp
import Glibc

/// Gives up everything that reading one file does not need: the kernel then stops a decoder that was taken over.
struct Confinement {
  /// Bytes of memory that the file may ask for.
  let memory: Int
  /// Seconds of processor time.
  let seconds: Int

  struct Failure: Error, CustomStringConvertible {
    let act: String
    let errno: Int32
    var description: String { "cannot confine myself (\(act), errno \(errno)): refusing to read" }
  }

  /// Enters it, for good. Landlock is used where the kernel has it; the rest must work.
  func enter() throws(Failure) {
    // The runtime, its libraries and stacks beside what the file may ask for.
    let ground = 1 << 30
    let bytes = UInt64(clamping: memory.addingReportingOverflow(ground).overflow ? .max : memory + ground)
    // Landlock needs a descriptor of its own for a moment; afterwards 0 to 3 are all there is.
    try check(linux_no_new_privileges(), "no_new_privs")
    try check(min(0, linux_landlock_nothing()), "landlock")
    try check(linux_limit(bytes, bytes, UInt64(seconds), 4), "setrlimit")
    try filterCalls()
  }

  private func check(_ answer: Int32, _ act: String) throws(Failure) {
    guard answer == 0 else { throw Failure(act: act, errno: Glibc.errno) }
  }

  /// What stays possible: reading 0 and 3, writing 1 and 2, memory that cannot be executed, time, leaving. Opening
  /// answers EPERM, because the C library tries a few files and can do without; anything else ends the process.
  private func filterCalls() throws(Failure) {
    let (kill, allow, refuse) = (UInt32(0x8000_0000), UInt32(0x7fff_0000), UInt32(0x0005_0000) | UInt32(EPERM))
    guard let filter = seccomp_init(kill) else { throw Failure(act: "seccomp_init", errno: ENOMEM) }
    defer { seccomp_release(filter) }
    func rule(_ action: UInt32, _ call: String, _ conditions: [scmp_arg_cmp] = []) throws(Failure) {
      let number = seccomp_syscall_resolve_name(call)
      // A call that this architecture does not have needs no rule.
      guard number >= 0 else { return }
      let answer = seccomp_rule_add_array(filter, action, number, UInt32(conditions.count), conditions)
      guard answer == 0 else { throw Failure(act: "seccomp rule \(call)", errno: -answer) }
    }
    func argument(_ place: UInt32, is value: Int32) -> scmp_arg_cmp {
      scmp_arg_cmp(arg: place, op: SCMP_CMP_EQ, datum_a: UInt64(value), datum_b: 0)
    }
    let notExecutable = [scmp_arg_cmp(arg: 2, op: SCMP_CMP_MASKED_EQ, datum_a: UInt64(PROT_EXEC), datum_b: 0)]
    for descriptor: Int32 in [0, 3] { try rule(allow, "read", [argument(0, is: descriptor)]) }
    for descriptor: Int32 in [1, 2] { try rule(allow, "write", [argument(0, is: descriptor)]) }
    try rule(allow, "fstat")
    // AT_EMPTY_PATH alone: the descriptor itself, no path.
    try rule(allow, "newfstatat", [argument(3, is: 0x1000)])
    for call in ["mmap", "mprotect"] { try rule(allow, call, notExecutable) }
    for call in [
      "munmap", "mremap", "madvise", "brk", "futex", "clock_gettime", "getrandom", "sched_yield", "rt_sigreturn",
      "rt_sigprocmask", "exit", "exit_group",
    ] {
      try rule(allow, call)
    }
    for call in ["open", "openat", "access", "faccessat2", "readlink", "readlinkat"] { try rule(refuse, call) }
    let answer = seccomp_load(filter)
    guard answer == 0 else { throw Failure(act: "seccomp_load", errno: -answer) }
  }
}
