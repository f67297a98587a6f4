import CLinux
import Glibc
import SystemPackage

/// Writing so that a file is either not there or whole, whatever happens in between: a temporary
/// name, fsync, rename, fsync of the directory.
public enum DurableFile {
  /// What temporary names begin with. They are ours alone: watchers skip them and a start removes them.
  public static let temporaryPrefix = ".popcornd-tmp-"

  /// Whether `.replace` an older file of ours or refuse.
  public enum Existing: Sendable { case replace, refuse }

  /// Removes what a crash has left half: temporary files of ours. Only where nobody writes meanwhile.
  public static func removeTemporaries(from directory: Directory) throws(FileFault) {
    for name in try directory.names() where name.rawBytes.starts(with: Array(temporaryPrefix.utf8)) {
      remove(name, from: directory)
    }
  }

  /// Writes `content` as `name` in `directory` (which is beneath it). Throws where the disk is full, among others;
  /// then nothing is visible under `name` that was not there before.
  public static func write(
    _ content: UnsafeRawBufferPointer, as name: FilePath, in directory: Directory,
    permissions: FilePermissions = [.ownerReadWrite, .groupRead], existing: Existing = .replace
  ) throws(FileFault) {
    let temporary = FilePath(
      "\(temporaryPrefix)\(getpid())-\(UInt64.random(in: 0 ..< .max))")
    let file = try directory.open(
      temporary, .writeOnly, options: [.create, .exclusiveCreate], permissions: permissions)
    do {
      try fill(file, with: content, path: directory.path.pushing(name))
      switch existing {
      case .refuse:
        try placeNew(temporary, as: name, in: directory, content, permissions) { from, to throws(FileFault) in
          try directory.rename(from, to: to, in: directory)
        }
      case .replace: try replace(temporary, as: name, in: directory)
      }
    } catch {
      remove(temporary, from: directory)
      throw error
    }
    try directory.synchronize()
  }

  /// Writes the bytes of an array; see `write(_:as:in:permissions:existing:)`.
  public static func write(
    _ content: [UInt8], as name: FilePath, in directory: Directory,
    permissions: FilePermissions = [.ownerReadWrite, .groupRead], existing: Existing = .replace
  ) throws(FileFault) {
    // `withUnsafeBytes` does not carry typed throws; the result does.
    let outcome: Result<Void, FileFault> = content.withUnsafeBytes { bytes in
      Result { () throws(FileFault) in
        try write(bytes, as: name, in: directory, permissions: permissions, existing: existing)
      }
    }
    try outcome.get()
  }

  /// Writes all of `content` at the descriptor's position.
  public static func writeAll(
    _ content: UnsafeRawBufferPointer, to file: FileDescriptor, path: FilePath
  ) throws(FileFault) {
    var written = 0
    while written < content.count {
      let answer = Glibc.write(
        file.rawValue, content.baseAddress?.advanced(by: written), content.count - written)
      if answer < 0 {
        if Glibc.errno == EINTR { continue }
        throw FileFault("write", path, Errno(rawValue: Glibc.errno))
      }
      written += answer
    }
  }

  /// fsync of a file.
  public static func synchronize(_ file: FileDescriptor, path: FilePath) throws(FileFault) {
    guard fsync(file.rawValue) == 0 else { throw FileFault("fsync", path, Errno(rawValue: Glibc.errno)) }
  }

  /// Gives a temporary file of ours its name, over nothing. Where the file system knows neither a rename that refuses nor
  /// links, the name is taken first and filled then.
  static func placeNew(
    _ temporary: FilePath, as name: FilePath, in directory: Directory, _ content: UnsafeRawBufferPointer,
    _ permissions: FilePermissions, rename: (FilePath, FilePath) throws(FileFault) -> Void
  ) throws(FileFault) {
    do throws(FileFault) {
      try rename(temporary, name)
    } catch {
      guard error.isWithoutLinks else { throw error }
      try create(name, in: directory, content, permissions)
      remove(temporary, from: directory)
    }
  }

  private static func create(
    _ name: FilePath, in directory: Directory, _ content: UnsafeRawBufferPointer, _ permissions: FilePermissions
  ) throws(FileFault) {
    let path = directory.path.pushing(name)
    let file = try directory.open(name, .writeOnly, options: [.create, .exclusiveCreate], permissions: permissions)
    do throws(FileFault) {
      try fill(file, with: content, path: path)
    } catch {
      remove(name, from: directory)
      throw error
    }
  }

  /// Writes a new file, and closes it whatever comes of that: a disk that stays full would take a descriptor each time.
  private static func fill(
    _ file: FileDescriptor, with content: UnsafeRawBufferPointer, path: FilePath
  ) throws(FileFault) {
    do throws(FileFault) {
      try writeAll(content, to: file, path: path)
      try synchronize(file, path: path)
    } catch {
      try? file.close()
      throw error
    }
    // Once: the kernel has let it go even where it says that this failed.
    try file.closing(path)
  }

  private static func replace(
    _ temporary: FilePath, as name: FilePath, in directory: Directory
  ) throws(FileFault) {
    let answer = temporary.withPlatformString { from in
      name.withPlatformString { to in
        renameat(directory.descriptor.rawValue, from, directory.descriptor.rawValue, to)
      }
    }
    guard answer == 0 else {
      throw FileFault("rename", directory.path.pushing(name), Errno(rawValue: Glibc.errno))
    }
  }

  private static func remove(_ ours: FilePath, from directory: Directory) {
    _ = ours.withPlatformString { unlinkat(directory.descriptor.rawValue, $0, 0) }
  }
}

extension FileDescriptor {
  /// Closes, and says so where the kernel reports a late write error.
  fileprivate func closing(_ path: FilePath) throws(FileFault) {
    do { try close() } catch { throw FileFault("close", path, error as? Errno ?? .ioError) }
  }
}
