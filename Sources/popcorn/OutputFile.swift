import Contract
import Files
import Glibc
import SystemPackage

/// A file that is to be written when the work is done. Whether it can be is found out before.
struct OutputFile {
  private let path: String

  /// Throws `Fault` where the folder is not there, where the name is that of something else than a file, a device or a pipe,
  /// and where the file is one of `inputs`: what is read is not to be lost, under whatever name.
  init(_ path: String, besides inputs: [String] = []) throws {
    self.path = path
    let place = FilePath(path)
    guard place.lastComponent?.kind == .regular else { throw Fault(.usage, "'\(path)' names no file") }
    if isStream(place) { return }
    let folder = place.removingLastComponent()
    _ = try Directory(folder.isEmpty ? "." : folder)
    guard access(folder.isEmpty ? "." : folder.string, W_OK) == 0 else {
      throw Fault(.noPermission, "\(folder.isEmpty ? "." : folder) may not be written to: name a file elsewhere")
    }
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Fault(.cannotCreate, "\(path) is there and is no file") }
    for input in inputs {
      var other = stat()
      if stat(input, &other) == 0, other.st_dev == status.st_dev, other.st_ino == status.st_ino {
        throw Fault(.usage, "\(path) is read here and would be replaced: name another file")
      }
    }
  }

  /// The same, for an image, which is written compressed. What is there may be an expert's mask: it is replaced where that
  /// was asked for.
  init(image path: String, besides inputs: [String], replacing: Bool) throws {
    try self.init(path, besides: inputs)
    guard replacing || fileType(of: FilePath(path)) != S_IFREG else {
      throw Fault(.cannotCreate, "\(path) is there: name another file, or say --replace")
    }
    guard path.hasSuffix(".nii.gz") || isStream(FilePath(path)) else {
      throw Fault(.usage, "\(path): images are written compressed: name it .nii.gz")
    }
  }

  /// Whether both are one file, under whatever names. A device or a pipe takes both.
  func isSame(as other: OutputFile) -> Bool {
    !isStream(FilePath(path)) && absolute(real: path) == absolute(real: other.path)
  }

  /// Writes the file whole or not at all, in the place of an older one.
  func write(_ bytes: [UInt8]) throws { try writeDurably(bytes, to: path) }
}

/// The path from the root: a run that goes on may be started in another folder.
func absolute(_ path: String) -> FilePath {
  let path = FilePath(path)
  if path.isAbsolute { return path.lexicallyNormalized() }
  let here = getcwd(nil, 0)
  defer { free(here) }
  return here.map { FilePath(String(cString: $0)).pushing(path).lexicallyNormalized() } ?? path
}

/// The path of a file that may not be there yet, links in its folder followed.
func absolute(real path: String) -> FilePath {
  let path = absolute(path)
  guard let name = path.lastComponent else { return path }
  return linkless(path.removingLastComponent()).appending(name)
}

/// The path with all links followed, as far as there is something.
func linkless(_ path: FilePath) -> FilePath {
  if let real = realpath(path.string, nil) {
    defer { free(real) }
    return FilePath(String(cString: real))
  }
  guard let name = path.lastComponent, path.removingLastComponent() != path else { return path }
  return linkless(path.removingLastComponent()).appending(name.string)
}

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
  fileType(of: path).map { $0 != S_IFREG && $0 != S_IFDIR } ?? false
}
