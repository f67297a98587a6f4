import CLinux
import Glibc
import SystemPackage

/// An open directory. Everything in a share is reached through one: a path is resolved beneath it
/// and through no link, so that a name can never lead out of the folder that was configured.
public final class Directory: Sendable {
  /// The directory's descriptor.
  public let descriptor: FileDescriptor
  /// Where it was opened; for messages, never resolved again.
  public let path: FilePath

  /// Opens the directory at `path`, which the operator named (links in it are followed).
  public init(_ path: FilePath) throws(FileFault) {
    do {
      descriptor = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
    } catch {
      throw FileFault("open", path, error as? Errno ?? .ioError)
    }
    self.path = path
  }

  private init(_ descriptor: FileDescriptor, at path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { try? descriptor.close() }

  /// Opens a file beneath this directory. Never blocks on a FIFO.
  public func open(
    _ name: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = [],
    permissions: FilePermissions = [.ownerReadWrite, .groupRead]
  ) throws(FileFault) -> FileDescriptor {
    let flags = mode.rawValue | options.rawValue | O_CLOEXEC | O_NONBLOCK
    let answer = name.withPlatformString {
      linux_open_beneath(descriptor.rawValue, $0, flags, permissions.rawValue)
    }
    guard answer >= 0 else { throw FileFault("open", path.pushing(name), Errno(rawValue: Glibc.errno)) }
    return FileDescriptor(rawValue: answer)
  }

  /// Opens a directory beneath this one.
  public func directory(_ name: FilePath) throws(FileFault) -> Directory {
    Directory(try open(name, options: [.directory]), at: path.pushing(name))
  }

  /// Opens a directory beneath this one, made first (with its parents) where it is not there.
  public func directory(making name: FilePath, permissions: mode_t = 0o750) throws(FileFault) -> Directory {
    var current = self
    for component in name.components {
      let made = FilePath(root: nil, [component]).withPlatformString {
        mkdirat(current.descriptor.rawValue, $0, permissions)
      }
      if made != 0, Glibc.errno != EEXIST {
        throw FileFault("make", path.pushing(name), Errno(rawValue: Glibc.errno))
      }
      if made == 0 { try current.synchronize() }
      current = try current.directory(FilePath(root: nil, [component]))
    }
    return current
  }

  /// Renames the file `name` to `newName` in `destination`; throws `EEXIST` rather than replacing anything, and where the
  /// file system knows neither such a rename nor links what `FileFault.isWithoutLinks` tells.
  public func rename(
    _ name: FilePath, to newName: FilePath, in destination: Directory
  ) throws(FileFault) {
    let answer = name.withPlatformString { from in
      newName.withPlatformString { to in
        linux_rename_noreplace(descriptor.rawValue, from, destination.descriptor.rawValue, to)
      }
    }
    guard answer == 0 else { throw FileFault("rename", path.pushing(name), Errno(rawValue: Glibc.errno)) }
  }

  /// The magic number of the file system that holds the directory (statfs(2)); nil where it cannot be told.
  public var fileSystemMagic: UInt32? {
    let magic = linux_filesystem_magic(descriptor.rawValue)
    return magic < 0 ? nil : UInt32(truncatingIfNeeded: magic)
  }

  /// fsync: names that were made or changed in this directory survive a power cut.
  public func synchronize() throws(FileFault) {
    guard fsync(descriptor.rawValue) == 0 else { throw FileFault("fsync", path, Errno(rawValue: Glibc.errno)) }
  }

  /// The names in this directory but `.` and `..`, as raw bytes, sorted bytewise: all of them, or a fault. What is not among
  /// them is not there.
  public func names() throws(FileFault) -> [FilePath] {
    let copy = Glibc.openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let stream = fdopendir(copy) else {
      let errno = Errno(rawValue: Glibc.errno)
      if copy >= 0 { close(copy) }
      throw FileFault("list", path, errno)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      // Only errno tells the end from a fault.
      Glibc.errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    guard Glibc.errno == 0 else { throw FileFault("list", path, Errno(rawValue: Glibc.errno)) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.map { FilePath(rawBytes: $0) }
  }
}

extension FilePath {
  /// The path's bytes as the kernel has them: the ledger's key, also where they are not UTF-8.
  public var rawBytes: [UInt8] { withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } }

  /// A path of raw bytes.
  public init(rawBytes bytes: some Sequence<UInt8>) {
    let string = bytes.map { CChar(bitPattern: $0) } + [0]
    self.init(platformString: string)
  }
}
