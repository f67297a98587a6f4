import CLinux
import Files
import Glibc
import SystemPackage

/// The directory where everything of ours lives (0700), claimed for one process. The claim ends with the process,
/// however it ends, or with this object.
public final class StateDirectory: Sendable {
  /// Where it is.
  public let path: FilePath
  /// The directory, open.
  public let directory: Directory
  private let lock: FileDescriptor

  /// The ledger's database in a state directory.
  public static func ledgerPath(in state: FilePath) -> FilePath { state.appending("ledger.sqlite") }

  /// Claims the directory at `path`, made (0700) where it is not there. Throws `.occupied` where another process has
  /// it, `.networkState` where it lies on a network file system.
  public init(claiming path: FilePath) throws(LedgerFault) {
    if mkdir(path.string, 0o700) != 0, Glibc.errno != EEXIST {
      throw .file(FileFault("make", path, Errno(rawValue: Glibc.errno)))
    }
    do {
      directory = try Directory(path)
      if FileSystem(holding: directory.descriptor).isNetwork { throw LedgerFault.networkState(path) }
      lock = try directory.open("lock", .readWrite, options: [.create], permissions: [.ownerReadWrite])
    } catch let fault as FileFault {
      throw .file(fault)
    } catch {
      throw error as? LedgerFault ?? .damaged("\(error)")
    }
    self.path = path
    guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      let errno = Errno(rawValue: Glibc.errno)
      let owner = StateDirectory.owner(in: lock)
      try? lock.close()
      throw errno == .wouldBlock ? .occupied(pid: owner) : .file(FileFault("lock", path, errno))
    }
    let words = Array("\(getpid()) \(BootID.current)\n".utf8)
    ftruncate(lock.rawValue, 0)
    _ = pwrite(lock.rawValue, words, words.count, 0)
  }

  deinit { try? lock.close() }

  /// The process that has the state directory at `path`, as far as its lock file says; nil where nobody has it.
  public static func occupant(of path: FilePath) -> Int32? {
    guard let lock = try? FileDescriptor.open(path.appending("lock"), .readOnly, options: [.closeOnExec]) else {
      return nil
    }
    defer { try? lock.close() }
    // A shared lock that is granted shows that nobody has the exclusive one.
    guard flock(lock.rawValue, LOCK_SH | LOCK_NB) != 0 else { return nil }
    return owner(in: lock)
  }

  private static func owner(in lock: FileDescriptor) -> Int32? {
    var words = [UInt8](repeating: 0, count: 64)
    let count = pread(lock.rawValue, &words, words.count, 0)
    return Int32(String(decoding: words.prefix(max(0, count)).prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
  }
}

/// What a directory lies on.
struct FileSystem {
  private let magic: Int64

  init(holding descriptor: FileDescriptor) { magic = linux_filesystem_magic(descriptor.rawValue) }

  /// NFS, SMB, CIFS, SMB2, 9P, AFS, Ceph, Coda: linux/magic.h.
  var isNetwork: Bool {
    let known: Set<UInt32> = [
      0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x5346_414f, 0x00c3_6400, 0x7375_7245,
    ]
    return known.contains(UInt32(truncatingIfNeeded: magic))
  }
}

/// The kernel's id of this boot: tells records of one run of the machine from those of another.
enum BootID {
  static let current: String = {
    guard let bytes = try? BoundedReader.read("/proc/sys/kernel/random/boot_id", limit: 128) else { return "unknown" }
    return String(decoding: bytes.filter { $0 > 32 }, as: UTF8.self)
  }()
}
