import Glibc
import SystemPackage

/// Reading a whole file of which nothing is known, never more than a limit.
public enum BoundedReader {
  /// All bytes from the descriptor's position to its end. Throws `EFBIG` past `limit` bytes.
  public static func read(
    _ file: FileDescriptor, limit: Int, path: FilePath = "input"
  ) throws(FileFault) -> [UInt8] {
    var content: [UInt8] = []
    var status = stat()
    if fstat(file.rawValue, &status) == 0, status.st_size > 0 {
      guard status.st_size <= limit else { throw FileFault("read", path, .fileTooLarge) }
      content.reserveCapacity(Int(status.st_size))
    }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(file.rawValue, &piece, piece.count)
      if count < 0 {
        if Glibc.errno == EINTR { continue }
        throw FileFault("read", path, Errno(rawValue: Glibc.errno))
      }
      if count == 0 { return content }
      guard content.count + count <= limit else { throw FileFault("read", path, .fileTooLarge) }
      content.append(contentsOf: piece[0..<count])
    }
  }

  /// All bytes of the file beneath `directory`; nil where there is none of that name.
  public static func readIfThere(
    _ name: FilePath, in directory: Directory, limit: Int
  ) throws(FileFault) -> [UInt8]? {
    let file: FileDescriptor
    do {
      file = try directory.open(name)
    } catch {
      guard error.errno == .noSuchFileOrDirectory else { throw error }
      return nil
    }
    defer { try? file.close() }
    return try read(file, limit: limit, path: name)
  }

  /// All bytes of the file at `path`, which the caller has reason to name; through links too.
  public static func read(_ path: FilePath, limit: Int = 1 << 33) throws(FileFault) -> [UInt8] {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
    } catch {
      throw FileFault("open", path, error as? Errno ?? .ioError)
    }
    defer { try? file.close() }
    return try read(file, limit: limit, path: path)
  }
}
