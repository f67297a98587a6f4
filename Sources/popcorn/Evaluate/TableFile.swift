import Contract
import Files
import Glibc
import SystemPackage

/// A table that is to be written when the work is done. Whether it can be is found out before.
struct TableFile {
  private let path: FilePath

  /// Throws where the folder is not there, and where the name is that of something else than a file: a device is no place
  /// for a table, and a link would be replaced.
  init(_ path: String) throws {
    self.path = FilePath(path)
    guard self.path.lastComponent?.kind == .regular else { throw Fault(.usage, "'\(path)' names no file") }
    let folder = self.path.removingLastComponent()
    _ = try Directory(folder.isEmpty ? "." : folder)
    var status = stat()
    guard lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(.cannotCreate, "\(path) is there and is no file")
    }
  }

  /// Writes the file whole or not at all, in the place of an older one.
  func write(_ text: String) throws { try writeDurably(Array(text.utf8), to: path.string) }
}
