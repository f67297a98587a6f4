import Contract
import FoundationEssentials
import Glibc
import SystemPackage

/// A new folder that goes, with what is in it, when its owner does.
final class TemporaryFolder {
  let path: FilePath

  /// A folder in `TMPDIR`, or /tmp, whose name begins with `prefix`.
  init(_ prefix: String) throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/\(prefix).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Fault(.cannotCreate, "no folder can be made in \(parent) (errno \(errno)): TMPDIR names another")
    }
    path = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// The path of a file in it.
  func file(_ name: String) -> String { path.appending(name).string }
}
