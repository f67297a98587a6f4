import Files
import FoundationEssentials
import Glibc
import SystemPackage

/// JSON files of a study.
enum StudyFiles {
  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  static func write(_ value: some Encodable, _ name: FilePath, in folder: Directory) throws {
    try DurableFile.write(try encode(value), as: name, in: folder)
  }

  static func remove(_ names: [FilePath], in folder: Directory) throws {
    for name in names {
      let isGone = name.withPlatformString { unlinkat(folder.descriptor.rawValue, $0, 0) } == 0 || errno == ENOENT
      guard isGone else { throw FileFault("remove", folder.path.appending(name.string), Errno(rawValue: errno)) }
    }
  }

  /// Nil where there is no such file. `advice`: what to do about one that cannot be read.
  static func read<Value: Decodable>(
    _ type: Value.Type, _ name: FilePath, in folder: Directory, advice: String = "remove it to measure it again"
  ) throws -> Value? {
    guard let bytes = try BoundedReader.readIfThere(name, in: folder, limit: 1 << 28) else { return nil }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw Fault(.dataError, "\(folder.path)/\(name) cannot be read (\(error)): \(advice)")
    }
  }
}
