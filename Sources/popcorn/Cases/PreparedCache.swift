import Contract
import Files
import Glibc
import Imaging
import Popcorn
import SystemPackage

/// Prepared volumes and placed masks in a folder, the least recently used removed beyond a number of bytes, or where the
/// disk gets full. All of it can be made again: what cannot be read or written, or is not as it was written, is as if it
/// were not there.
final class PreparedCache {
  private let directory: Directory
  private let limit: Int
  private let left: Int?

  /// What a kept volume was made from, and by which build.
  struct Key {
    let name: String

    /// Files are known by path, size and time of change.
    init(files: [String], settings: PreparationSettings, isReleased: Bool = false, areCanonical: Bool = false) {
      let identity = files.map { Key.identity(of: $0) }
      let made = "\(Version.text)|\(Key.program)|\(isReleased)|\(areCanonical)"
      let text = "\(made)|\(settings.spacing)|\(settings.size)|\(settings.brain)|\(identity)"
      name = "\(Digest(of: Array(text.utf8)))"
    }

    /// Another build may prepare otherwise.
    private static let program = identity(of: "/proc/self/exe")

    private static func identity(of path: String) -> String {
      var status = stat()
      let found = fstatat(AT_FDCWD, path, &status, 0) == 0
      return "\(path)|\(found ? status.st_size : -1)|\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }
  }

  /// A cache of at most `limit` bytes in the folder at `path`, which is made where it is not there. `left` bytes of the
  /// disk are left to others: what can be made again must not stop intake and training. Without a number it is a tenth
  /// of the disk, but neither less than 2 GiB nor more than 10.
  init(path: FilePath, limit: Int, left: Int? = nil) throws {
    directory = try Directory(making: path)
    self.limit = limit
    self.left = left
  }

  func volume(_ key: Key, size: GridSize) -> CaseVolume? {
    guard let bytes = read(key.name + ".volume", count: 5 * size.count) else { return nil }
    let values = bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: size.count) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: raw[..<(4 * size.count)]))
        count = size.count
      }
    }
    return CaseVolume(
      image: Volume(size: size, values: values), brain: Volume(size: size, values: Array(bytes[(4 * size.count)...])))
  }

  func mask(_ key: Key, size: GridSize) -> Volume<UInt8>? {
    read(key.name + ".mask", count: size.count).map { Volume(size: size, values: $0) }
  }

  func keep(_ volume: CaseVolume, under key: Key) {
    var bytes = volume.image.values.withUnsafeBytes { Array($0) }
    bytes += volume.brain.values
    write(bytes, as: key.name + ".volume")
  }

  func keep(_ mask: Volume<UInt8>, under key: Key) { write(mask.values, as: key.name + ".mask") }

  // MARK: files

  /// Behind the content of each file stands the SHA-256 of its name and content.
  private static let sealLength = 32

  private static func seal(_ content: UnsafeRawBufferPointer, _ name: String) -> [UInt8] {
    var running = RunningDigest()
    running.update(Array(name.utf8))
    running.update(content)
    return running.finish().bytes
  }

  /// The `count` bytes that are kept under a name; nil where they are not there, or damaged.
  private func read(_ name: String, count: Int) -> [UInt8]? {
    guard let file = try? directory.open(FilePath(name)) else { return nil }
    defer { try? file.close() }
    guard var bytes = try? BoundedReader.read(file, limit: count + Self.sealLength, path: FilePath(name)),
      bytes.count == count + Self.sealLength
    else { return nil }
    let seal = bytes.withUnsafeBytes { Self.seal(UnsafeRawBufferPointer(rebasing: $0[..<count]), name) }
    guard seal == Array(bytes[count...]) else { return nil }
    // The time of change tells when it was last of use.
    futimens(file.rawValue, nil)
    bytes.removeLast(Self.sealLength)
    return bytes
  }

  private func write(_ content: [UInt8], as name: String) {
    let sealed = content + content.withUnsafeBytes { Self.seal($0, name) }
    guard sealed.count <= limit, hasRoom(for: sealed.count) else { return }
    _ = try? DurableFile.write(sealed, as: FilePath(name), in: directory)
  }

  // MARK: room

  /// Whether so many bytes may be written; removes what was not of use for longest until they may, or nothing is left.
  private func hasRoom(for bytes: Int) -> Bool {
    guard let names = try? directory.names() else { return false }
    // A file of somebody else's is not ours to remove, whatever room it takes.
    var entries = names.filter { Self.isOurs($0.string) }.compactMap {
      name -> (name: FilePath, bytes: Int, used: Int)? in
      var status = stat()
      let found = name.withPlatformString { fstatat(directory.descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
      return found == 0 ? (name, Int(status.st_size), Int(status.st_mtim.tv_sec)) : nil
    }
    entries.sort { $0.used > $1.used }
    var total = entries.reduce(0) { $0 + $1.bytes }
    var spare = spareBytes
    while total + bytes > limit || spare < Double(bytes), let oldest = entries.popLast() {
      guard oldest.name.withPlatformString({ unlinkat(directory.descriptor.rawValue, $0, 0) }) == 0 else { continue }
      total -= oldest.bytes
      spare += Double(oldest.bytes)
    }
    return total + bytes <= limit && spare >= Double(bytes)
  }

  /// Whether a file's name is a key's, or that of one that was being written.
  private static func isOurs(_ name: String) -> Bool {
    if name.hasPrefix(DurableFile.temporaryPrefix) { return true }
    let parts = name.split(separator: ".")
    return parts.count == 2 && ["volume", "mask"].contains(parts[1]) && parts[0].count == 64
      && parts[0].allSatisfy(\.isHexDigit)
  }

  /// What is free on the disk beyond what is left to others.
  private var spareBytes: Double {
    var figures = statvfs()
    guard fstatvfs(directory.descriptor.rawValue, &figures) == 0 else { return .infinity }
    let unit = Double(figures.f_frsize)
    let tenth = Double(figures.f_blocks) * unit / 10
    return Double(figures.f_bavail) * unit - (left.map { Double($0) } ?? min(max(tenth, 0x1p31), 10 * 0x1p30))
  }
}

extension Directory {
  /// Opens the directory at `path`, made first, with its parents, where it is not there.
  convenience init(making path: FilePath) throws {
    var sofar = FilePath(root: path.root, [])
    var refusal: FileFault?
    for component in path.components {
      sofar.append(component)
      // A folder that is there may stand where none may be made.
      if sofar.withPlatformString({ mkdir($0, 0o750) }) != 0, errno != EEXIST {
        refusal = refusal ?? FileFault("make", sofar, Errno(rawValue: errno))
      }
    }
    do { try self.init(path) } catch { throw refusal ?? error }
  }
}
