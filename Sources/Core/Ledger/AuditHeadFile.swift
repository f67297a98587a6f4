import Files
import SystemPackage

/// A file elsewhere to which ends of the audit chain are noted, one a line: time, number, hash. It is only appended to, so
/// that it may lie where nobody can change what is written: then a chain that was cut or written anew shows against it.
public struct AuditHeadFile: Sendable {
  /// What the file says.
  public struct Content: Sendable, Equatable {
    /// The ends that were noted, oldest first.
    public var heads: [AuditHead]
    /// Lines that say none.
    public var unreadable: Int
  }

  private let path: FilePath

  /// The file at `path`, which is made with the first end that is noted.
  public init(_ path: FilePath) { self.path = path }

  /// Notes an end of the chain. Throws where it is not on the disk afterwards.
  public func append(_ head: AuditHead) throws(FileFault) {
    let (file, isNew) = try open()
    defer { try? file.close() }
    // Its name lies in the folder.
    if isNew {
      let folder = path.removingLastComponent()
      try Directory(folder.isEmpty ? "." : folder).synchronize()
    }
    let line = Array("\(Timestamp.now) \(head.seq) \(head.hash)\n".utf8)
    // `withUnsafeBytes` does not carry typed throws; the result does.
    let outcome: Result<Void, FileFault> = line.withUnsafeBytes { bytes in
      Result { () throws(FileFault) in try DurableFile.writeAll(bytes, to: file, path: path) }
    }
    try outcome.get()
    try DurableFile.synchronize(file, path: path)
  }

  private func open() throws(FileFault) -> (file: FileDescriptor, isNew: Bool) {
    // Not blocking: a pipe in its place must not hang whoever notes.
    let options: FileDescriptor.OpenOptions = [.append, .closeOnExec, .nonBlocking]
    do {
      do {
        return (try FileDescriptor.open(path, .writeOnly, options: options), false)
      } catch Errno.noSuchFileOrDirectory {
        return (
          try FileDescriptor.open(
            path, .writeOnly, options: options.union(.create), permissions: [.ownerReadWrite]), true
        )
      }
    } catch {
      throw FileFault("open", path, error as? Errno ?? .ioError)
    }
  }

  /// All that was noted. Throws where the file is not there.
  public func read() throws(FileFault) -> Content {
    var content = Content(heads: [], unreadable: 0)
    for line in try BoundedReader.read(path, limit: 1 << 28).split(separator: UInt8(ascii: "\n")) {
      if let head = AuditHead(noted: String(decoding: line, as: UTF8.self)) {
        content.heads.append(head)
      } else {
        content.unreadable += 1
      }
    }
    return content
  }
}

extension AuditHead {
  /// The end that a line ends with: before it may stand the beginning of one that a full disk cut short.
  fileprivate init?(noted line: String) {
    let words = line.split(separator: " ")
    guard words.count >= 3, let seq = Int(words[words.count - 2]), seq >= 0, let hash = words.last,
      let digest = Digest(hexadecimal: hash)
    else { return nil }
    self.init(seq: seq, hash: digest.description)
  }
}
