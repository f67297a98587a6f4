import Contract
import Files
import Glibc
import SystemPackage

/// The content store: private, verified copies under the name of their SHA-256, `store/ab/abcd….nii.gz`. A file in it
/// is whole or not there.
public final class Store: Sendable {
  /// What a file is, by the end of its name.
  public enum Kind: String, Sendable, CaseIterable {
    /// A scan or a mask.
    case image = "nii.gz"
    /// Weights or Adam's state.
    case weights = "safetensors"
    /// A latent vector.
    case vector = "f32"
  }

  /// A file that is being written: fill `descriptor`, then let the store adopt it.
  public final class Temporary: Sendable {
    /// Open for writing and reading.
    public let descriptor: FileDescriptor
    /// Where it is, absolute or as the state directory was named.
    public let path: FilePath
    fileprivate let name: FilePath
    private let directory: Directory

    fileprivate init(_ descriptor: FileDescriptor, _ name: FilePath, in directory: Directory) {
      self.descriptor = descriptor
      self.name = name
      self.directory = directory
      path = directory.path.appending(name.components)
    }

    deinit {
      try? descriptor.close()
      directory.unlinkOwn(name)
    }
  }

  private let root: Directory
  private let incoming: Directory

  /// Opens the store of a claimed state directory, made where it is not there, and removes what was never adopted.
  public convenience init(_ state: StateDirectory) throws(FileFault) { try self.init(in: state.directory) }

  init(in state: Directory) throws(FileFault) {
    root = try state.directory(making: FilePath(StateLayout.store))
    incoming = try root.directory(making: "incoming")
    for name in try incoming.names() { incoming.unlinkOwn(name) }
  }

  /// Where the file with this digest is or would be, named from the state directory's path.
  public func path(_ digest: Digest, _ kind: Kind) -> FilePath {
    root.path.appending(Store.folder(of: digest).components).appending(Store.name(of: digest, kind).components)
  }

  /// Whether the file is there.
  public func holds(_ digest: Digest, _ kind: Kind) -> Bool {
    var status = stat()
    return stat(path(digest, kind).string, &status) == 0
  }

  /// Whether the file is there and is what its name says. Reads all of it.
  public func verify(_ digest: Digest, _ kind: Kind) throws(FileFault) -> Bool {
    guard holds(digest, kind) else { return false }
    let file = try root.open(Store.folder(of: digest).appending(Store.name(of: digest, kind).components))
    defer { try? file.close() }
    return try file.contentDigest(path: path(digest, kind)) == digest
  }

  /// A new file to write into.
  public func temporary() throws(FileFault) -> Temporary {
    let name = FilePath("\(DurableFile.temporaryPrefix)\(getpid())-\(UInt64.random(in: 0 ..< .max))")
    let file = try incoming.open(name, .readWrite, options: [.create, .exclusiveCreate])
    return Temporary(file, name, in: incoming)
  }

  /// Takes a file that was written; when this returns it survives a power cut. Its content is read and must be
  /// `digest` (nil: is taken as it is), else `EILSEQ`. Answers the digest.
  @discardableResult
  public func adopt(_ temporary: Temporary, digest expected: Digest?, as kind: Kind) throws(FileFault) -> Digest {
    try DurableFile.synchronize(temporary.descriptor, path: temporary.path)
    let digest = try temporary.descriptor.contentDigest(path: temporary.path)
    guard expected == nil || digest == expected else {
      throw FileFault("adopt", temporary.path, .illegalByteSequence)
    }
    if try verify(digest, kind) { return digest }
    let folder = try root.directory(making: Store.folder(of: digest))
    let answer = temporary.name.withPlatformString { from in
      Store.name(of: digest, kind).withPlatformString { to in
        // Replaces at most a damaged file of the same name.
        renameat(incoming.descriptor.rawValue, from, folder.descriptor.rawValue, to)
      }
    }
    guard answer == 0 else { throw FileFault("rename", temporary.path, Errno(rawValue: errno)) }
    try folder.synchronize()
    try incoming.synchronize()
    return digest
  }

  /// Takes a copy of a file of ours, such as the worker wrote; see `adopt(_:digest:as:)`.
  @discardableResult
  public func adopt(copyOf path: FilePath, digest: Digest?, as kind: Kind) throws(FileFault) -> Digest {
    let source: FileDescriptor
    do {
      source = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
    } catch {
      throw FileFault("open", path, error as? Errno ?? .ioError)
    }
    defer { try? source.close() }
    let temporary = try temporary()
    try source.copyContent(to: temporary.descriptor, path: path)
    return try adopt(temporary, digest: digest, as: kind)
  }

  /// Takes bytes; see `adopt(_:digest:as:)`.
  @discardableResult
  public func adopt(_ content: [UInt8], as kind: Kind) throws(FileFault) -> Digest {
    let temporary = try temporary()
    let written = content.withUnsafeBytes { bytes in
      Result { () throws(FileFault) in
        try DurableFile.writeAll(bytes, to: temporary.descriptor, path: temporary.path)
      }
    }
    try written.get()
    return try adopt(temporary, digest: nil, as: kind)
  }

  /// Removes a file of ours for good: one that the ledger has given up. Nothing happens where it is not there.
  public func remove(_ digest: Digest, _ kind: Kind) throws(FileFault) {
    guard holds(digest, kind) else { return }
    let folder = try root.directory(Store.folder(of: digest))
    folder.unlinkOwn(Store.name(of: digest, kind))
    try folder.synchronize()
  }

  /// All files in the store, sorted by digest.
  public func contents() throws(FileFault) -> [(digest: Digest, kind: Kind)] {
    var found: [(digest: Digest, kind: Kind)] = []
    for folder in try root.names() where folder.rawBytes.count == 2 {
      for name in try root.directory(folder).names() {
        let text = name.string
        guard let dot = text.firstIndex(of: "."), let digest = Digest(hexadecimal: text[..<dot]),
          let kind = Kind(rawValue: String(text[text.index(after: dot)...]))
        else { continue }
        found.append((digest, kind))
      }
    }
    return found
  }

  private static func folder(of digest: Digest) -> FilePath { FilePath(String(digest.description.prefix(2))) }
  private static func name(of digest: Digest, _ kind: Kind) -> FilePath { FilePath("\(digest).\(kind.rawValue)") }
}

extension Directory {
  /// Removes a file of ours: a temporary one, or one whose digest was compared.
  func unlinkOwn(_ name: FilePath) {
    _ = name.withPlatformString { unlinkat(descriptor.rawValue, $0, 0) }
  }
}

extension FileDescriptor {
  /// SHA-256 of the whole file, wherever its position is.
  func contentDigest(path: FilePath) throws(FileFault) -> Digest {
    var running = RunningDigest()
    try forEachPiece(path: path) { running.update($0) }
    return running.finish()
  }

  /// Writes the whole file to the end of another.
  func copyContent(to other: FileDescriptor, path: FilePath) throws(FileFault) {
    try forEachPiece(path: path) { piece throws(FileFault) in
      try DurableFile.writeAll(piece, to: other, path: path)
    }
  }

  private func forEachPiece(
    path: FilePath, _ take: (UnsafeRawBufferPointer) throws(FileFault) -> Void
  ) throws(FileFault) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    var offset: off_t = 0
    while true {
      let count = Glibc.pread(rawValue, piece.baseAddress, piece.count, offset)
      if count < 0 {
        if Glibc.errno == EINTR { continue }
        throw FileFault("read", path, Errno(rawValue: Glibc.errno))
      }
      if count == 0 { return }
      offset += off_t(count)
      try take(UnsafeRawBufferPointer(rebasing: piece[0..<count]))
    }
  }
}
