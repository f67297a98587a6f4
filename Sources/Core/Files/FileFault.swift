import SystemPackage

/// A system call on a file failed. `act` is the call, `path` what it was asked for (never a secret:
/// callers that may not log names print `act` and `errno` only).
public struct FileFault: Error, Sendable, CustomStringConvertible {
  /// What was being done, as a verb: `open`, `rename`, `fsync`.
  public let act: String
  /// The path it was done to.
  public let path: FilePath
  /// Why it failed.
  public let errno: Errno

  /// A failed call, with the `errno` it left.
  public init(_ act: String, _ path: FilePath, _ errno: Errno) {
    self.act = act
    self.path = path
    self.errno = errno
  }

  /// What failed, on what, why.
  public var description: String { "cannot \(act) \(path): \(errno)" }

  /// Whether a permission is missing.
  public var isRefusal: Bool { errno == .permissionDenied || errno == .notPermitted }

  /// Whether the file system knows no links, or none to this file.
  public var isWithoutLinks: Bool {
    switch errno {
    case .notPermitted, .notSupported, .tooManyLinks, .noFunction, .improperLink: true
    default: false
    }
  }
}
