import Contract
import Files
import Glibc
import SystemPackage

/// A table of figures that is written in the end. Of what lies there already only an older table of the same kind is
/// replaced: a scan whose name was given by mistake stays.
struct TableFile {
  private let file: OutputFile

  /// `heads`: the first columns of the table. Throws `Fault` and `FileFault` where it cannot be written, as `OutputFile` does.
  init(_ path: String, besides inputs: [String], heads: [String]) throws {
    guard !ImageName.isOurs(path) else { throw Fault(.usage, "\(path) has the name of an image: name a table .tsv") }
    file = try OutputFile(path, besides: inputs)
    guard fileType(of: FilePath(path)) == S_IFREG else { return }
    let head = Array(heads.joined(separator: "\t").utf8)
    let beginning = try TableFile.beginning(of: FilePath(path), count: head.count + 1)
    let isWhole = beginning.count == head.count || [UInt8(ascii: "\t"), UInt8(ascii: "\n")].contains(beginning.last)
    guard beginning.isEmpty || isWhole && beginning.starts(with: head) else {
      throw Fault(.cannotCreate, "\(path) is there and is no such table: name another file, or take it away")
    }
  }

  func write(_ table: String) throws { try file.write(Array(table.utf8)) }

  private static func beginning(of path: FilePath, count: Int) throws -> [UInt8] {
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
      return try file.closeAfter {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
          filled = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
      }
    } catch let errno as Errno {
      throw FileFault("read", path, errno)
    }
  }
}
