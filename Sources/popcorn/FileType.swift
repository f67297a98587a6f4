import Glibc
import SystemPackage

/// What lies at a path, links followed, as `S_IFREG` and its like; nil where that cannot be told. Who opens a pipe waits for
/// a writer, so what others name is looked at first.
func fileType(of path: FilePath) -> mode_t? {
  path.withPlatformString { name in
    var status = stat()
    return stat(name, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}
