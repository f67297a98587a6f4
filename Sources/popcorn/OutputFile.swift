import Contract
import Files
import Glibc
import SystemPackage

/// Writes a file whole or not at all; its folder is there. What lies there and is no file (a device, a pipe) is written
/// into: root must not replace `/dev/null`.
func writeDurably(_ bytes: [UInt8], to path: String) throws {
  let path = FilePath(path)
  guard let name = path.lastComponent else { throw Fault(.usage, "'\(path)' names no file") }
  if isStream(path) {
    do {
      let stream = try FileDescriptor.open(path, .writeOnly)
      try stream.closeAfter { _ = try stream.writeAll(bytes) }
    } catch let errno as Errno {
      throw FileFault("write", path, errno)
    }
    return
  }
  let folder = path.removingLastComponent()
  try DurableFile.write(bytes, as: FilePath(root: nil, [name]), in: try Directory(folder.isEmpty ? "." : folder))
}

/// Whether a device, a pipe or a socket lies there, or a link to one.
private func isStream(_ path: FilePath) -> Bool {
  var status = stat()
  guard path.withPlatformString({ stat($0, &status) }) == 0 else { return false }
  return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
}
