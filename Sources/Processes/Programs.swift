import Glibc
import SystemPackage

/// Where the programs are that ours start: beside itself, then in `../lib/popcornd`, then on PATH.
public struct Programs: Sendable {
  /// The folder of this program.
  public let home: FilePath

  /// As this process was started.
  public init() {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
    let bytes = buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
    home = FilePath(String(decoding: bytes, as: UTF8.self)).removingLastComponent()
  }

  /// The file to run for `name`. A name with a slash is taken as it is; one that is found nowhere stays a name, so that
  /// starting it says what is missing.
  public func find(_ name: String) -> FilePath {
    if name.contains("/") { return FilePath(name) }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let folders =
      [home, home.removingLastComponent().appending("lib/popcornd")]
      + path.split(separator: ":").map { FilePath(String($0)) }
    for folder in folders {
      let candidate = folder.appending(name)
      if access(candidate.string, X_OK) == 0 { return candidate }
    }
    return FilePath(name)
  }
}
