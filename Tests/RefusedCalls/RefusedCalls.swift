import CSeccomp
import Glibc

/// Which calls of one kind are refused.
public enum Refused: Sendable {
  /// Each.
  case all
  /// Those whose first argument is this descriptor.
  case of(Int32)
  /// Those whose first argument is another one.
  case butOf(Int32)

  fileprivate var conditions: [scmp_arg_cmp] {
    switch self {
    case .all: []
    case .of(let descriptor): [Self.first(SCMP_CMP_EQ, descriptor)]
    case .butOf(let descriptor): [Self.first(SCMP_CMP_NE, descriptor)]
    }
  }

  private static func first(_ comparison: scmp_compare, _ descriptor: Int32) -> scmp_arg_cmp {
    scmp_arg_cmp(arg: 0, op: comparison, datum_a: UInt64(descriptor), datum_b: 0)
  }
}

/// Has the kernel answer EIO to a call, such as `fsync`, from now on, on this thread and in what it starts: for a process
/// that ends with its test. Answers whether it does.
public func refuse(_ call: String, _ refused: Refused = .all) -> Bool {
  guard let filter = seccomp_init(0x7fff_0000) else { return false }
  defer { seccomp_release(filter) }
  let (number, conditions) = (seccomp_syscall_resolve_name(call), refused.conditions)
  let action = UInt32(0x0005_0000) | UInt32(EIO)
  return seccomp_rule_add_array(filter, action, number, UInt32(conditions.count), conditions) == 0
    && seccomp_load(filter) == 0
}
