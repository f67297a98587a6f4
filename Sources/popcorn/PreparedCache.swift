import Contract
import Files
import Glibc
import Imaging
import Popcorn
import SystemPackage

/// Prepared volumes and placed masks in a folder, the least recently used removed beyond a number of bytes. All of it
/// can be made again: what cannot be read or written is as if it were not there.
final class PreparedCache {
  private let directory: Directory
  private let limit: Int

  /// What a kept volume was made from.
  struct Key {
    let name: String

    /// Files are known by path, size and time of change.
    init(files: [String], settings: PreparationSettings) {
      let identity = files.map { path in
        var status = stat()
        let found = fstatat(AT_FDCWD, path, &status, 0) == 0
        return "\(path)|\(found ? status.st_size : -1)|\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
      }
      let text = "\(PopcornVersion.text)|\(settings.spacing)|\(settings.size)|\(settings.brain)|\(identity)"
      name = "\(Digest(of: Array(text.utf8)))"
    }
  }

  /// A cache in the folder at `path`, which is made where it is not there.
  init(path: FilePath, limit: Int) throws {
    directory = try Directory(making: path)
    self.limit = limit
  }

  func volume(_ key: Key, size: GridSize) -> CaseVolume? {
    guard let bytes = read(key.name + ".volume"), bytes.count == 5 * size.count else { return nil }
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
    guard let bytes = read(key.name + ".mask"), bytes.count == size.count else { return nil }
    return Volume(size: size, values: bytes)
  }

  func keep(_ volume: CaseVolume, under key: Key) {
    var bytes = volume.image.values.withUnsafeBytes { Array($0) }
    bytes += volume.brain.values
    write(bytes, as: key.name + ".volume")
  }

  func keep(_ mask: Volume<UInt8>, under key: Key) { write(mask.values, as: key.name + ".mask") }

  private func read(_ name: String) -> [UInt8]? {
    guard let file = try? directory.open(FilePath(name)) else { return nil }
    defer { try? file.close() }
    // The time of change tells when it was last of use.
    futimens(file.rawValue, nil)
    return try? BoundedReader.read(file, limit: limit, path: FilePath(name))
  }

  private func write(_ bytes: [UInt8], as name: String) {
    guard bytes.count <= limit else { return }
    makeRoom(for: bytes.count)
    _ = try? DurableFile.write(bytes, as: FilePath(name), in: directory)
  }

  private func makeRoom(for bytes: Int) {
    guard let names = try? directory.names() else { return }
    var entries = names.compactMap { name -> (name: FilePath, bytes: Int, used: Int)? in
      var status = stat()
      let found = name.withPlatformString { fstatat(directory.descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
      return found == 0 ? (name, Int(status.st_size), Int(status.st_mtim.tv_sec)) : nil
    }
    entries.sort { $0.used > $1.used }
    var total = entries.reduce(0) { $0 + $1.bytes }
    while total + bytes > limit, let oldest = entries.popLast() {
      _ = oldest.name.withPlatformString { unlinkat(directory.descriptor.rawValue, $0, 0) }
      total -= oldest.bytes
    }
  }
}

extension Directory {
  /// Opens the directory at `path`, made first, with its parents, where it is not there.
  convenience init(making path: FilePath) throws {
    var sofar = FilePath(root: path.root, [])
    for component in path.components {
      sofar.append(component)
      _ = sofar.withPlatformString { mkdir($0, 0o750) }
    }
    try self.init(path)
  }
}
