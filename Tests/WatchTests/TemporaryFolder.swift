import Files
import Glibc
import SystemPackage

/// A folder that is there as long as this object.
final class TemporaryFolder {
  let path: FilePath

  init() throws {
    var template = Array("/tmp/popcorn-watch-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = FilePath(platformString: template)
  }

  deinit { _ = spawn("/bin/rm", ["-rf", path.string]) }

  func make(_ folder: String) throws {
    var whole = path
    for component in FilePath(folder).components {
      whole.append(component)
      if whole.withPlatformString({ mkdir($0, 0o755) }) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    }
  }

  /// Writes a file under a name of any bytes.
  func write(_ name: some Sequence<UInt8>, _ content: String = "x") throws {
    let file = try FileDescriptor.open(
      FilePath(rawBytes: path.rawBytes + [UInt8(ascii: "/")] + Array(name)), .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(content.utf8) }
  }

  func write(_ name: String, _ content: String = "x") throws { try write(name.utf8, content) }

  func link(_ name: String, to target: String) throws {
    if symlink(target, path.appending(name).string) != 0 { throw Errno(rawValue: errno) }
  }

  func move(_ name: String, to other: String) throws {
    if rename(path.appending(name).string, path.appending(other).string) != 0 { throw Errno(rawValue: errno) }
  }
}

/// Runs a program to its end; its exit status, or -1.
func spawn(_ program: String, _ arguments: [String]) -> Int32 {
  var vector: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
  defer { for word in vector { free(word) } }
  var process: pid_t = 0
  guard posix_spawnp(&process, program, nil, nil, &vector, environ) == 0 else { return -1 }
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0, errno == EINTR {}
  return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
}
