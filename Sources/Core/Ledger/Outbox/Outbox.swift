import Files
import Glibc
import SystemPackage

/// The folder of results. Files appear in it whole or not at all; a file there is replaced or removed only while it is
/// as we wrote it: what somebody edited is theirs.
public final class Outbox {
  /// What came of writing or removing.
  public enum Outcome: Sendable, Equatable {
    /// It is written, and the ledger knows.
    case published
    /// It was there already, as it should be.
    case unchanged
    /// Somebody changed it or put it there: it stays as it is. `found` is what it holds.
    case edited(found: Digest)
    /// It is gone, and the ledger knows.
    case removed
    /// There was none.
    case absent
  }

  /// Mode of a file in the outbox: written by us, read by the group.
  public static let filePermissions = FilePermissions(rawValue: 0o640)
  /// Mode of a folder in the outbox. Where the outbox is setgid (2750), mkdir(2) makes each folder beneath it so.
  public static let folderPermissions: mode_t = 0o750

  /// The outbox, open.
  public let directory: Directory
  private let ledger: Ledger
  /// Who is recorded to have done what is done here.
  let actor: UInt32
  /// What we have ever written, asked for once.
  private var published: Set<Digest>?

  /// The outbox in `directory`; what is written there `ledger` remembers, as done by `actor`.
  public init(_ directory: Directory, ledger: Ledger, by actor: UInt32) {
    self.directory = directory
    self.ledger = ledger
    self.actor = actor
  }

  /// Writes `content` at `path` beneath the outbox, in place of what we wrote there before.
  @discardableResult
  public func publish(
    _ content: [UInt8], at path: FilePath, case label: String? = nil, generation: Int? = nil
  ) throws(LedgerFault) -> Outcome {
    let digest = Digest(of: content)
    return try replace(at: path, by: digest, case: label, generation: generation) {
      folder, name throws(FileFault) in
      try DurableFile.write(content, as: name, in: folder, permissions: Outbox.filePermissions)
    }
  }

  /// Copies a file of the store to `path` beneath the outbox, in place of what we wrote there before. Throws where
  /// the store's file is not what its name says.
  @discardableResult
  public func publish(
    _ digest: Digest, _ kind: Store.Kind, of store: Store, at path: FilePath, case label: String? = nil,
    generation: Int? = nil
  ) throws(LedgerFault) -> Outcome {
    try replace(at: path, by: digest, case: label, generation: generation) { folder, name throws(FileFault) in
      let source: FileDescriptor
      do {
        source = try FileDescriptor.open(store.path(digest, kind), .readOnly, options: [.closeOnExec])
      } catch {
        throw FileFault("open", store.path(digest, kind), error as? Errno ?? .ioError)
      }
      defer { try? source.close() }
      try folder.place(copyOf: source, withDigest: digest, as: name, permissions: Outbox.filePermissions)
    }
  }

  /// Removes what we wrote at `path`, unless somebody changed it.
  @discardableResult
  public func remove(_ path: FilePath) throws(LedgerFault) -> Outcome {
    guard let known = try ledger.output(at: path) else { return .absent }
    do {
      guard let folder = try folder(of: path), let found = try digest(in: folder, of: path) else {
        try ledger.noteRemoved(known, by: actor)
        return .absent
      }
      guard known.isOurs(found) else {
        try ledger.noteEdited(known, found: found, by: actor)
        return .edited(found: found)
      }
      folder.unlinkOwn(try Outbox.name(of: path))
      try folder.synchronize()
    } catch {
      throw Outbox.fault(error)
    }
    try ledger.noteRemoved(known, by: actor)
    return .removed
  }

  /// What lies at a path where the ledger says we wrote: `.unchanged`, `.edited` or `.absent` (somebody removed it).
  public func inspect(_ output: Output) throws(LedgerFault) -> Outcome {
    do {
      guard let folder = try folder(of: output.path), let found = try digest(in: folder, of: output.path) else {
        return .absent
      }
      if output.isOurs(found) { return .unchanged }
      try ledger.noteEdited(output, found: found, by: actor)
      return .edited(found: found)
    } catch {
      throw Outbox.fault(error)
    }
  }

  /// Those of `outputs` that are not there. The names in a folder are read once where its files follow each other.
  public func missing(of outputs: [Output]) throws(LedgerFault) -> [Output] {
    var missing: [Output] = []
    var place: FilePath?
    var names: Set<FilePath> = []
    do {
      for output in outputs {
        let parent = output.path.removingLastComponent()
        if parent != place { names = try self.names(in: parent) }
        place = parent
        if !names.contains(try Outbox.name(of: output.path)) { missing.append(output) }
      }
    } catch {
      throw Outbox.fault(error)
    }
    return missing
  }

  /// Those of `outputs` that are not as the ledger has them but as one of `published`, what we have ever written: of an
  /// earlier state of ours. Reads them all; what cannot be read shows when it is written again.
  func outdated(_ outputs: [Output], published: Set<Digest>) -> [(output: Output, found: Digest)] {
    outputs.compactMap { output in
      guard let folder = try? folder(of: output.path), let found = try? digest(in: folder, of: output.path),
        !output.isOurs(found), published.contains(found)
      else { return nil }
      return (output, found)
    }
  }

  /// Removes temporary files that a crash left, everywhere beneath the outbox. Call it once at the start.
  public func removeTemporaries() throws(LedgerFault) {
    do { try directory.removeTemporariesBeneath() } catch { throw .file(error) }
  }

  private func replace(
    at path: FilePath, by digest: Digest, case label: String?, generation: Int?,
    write: (Directory, FilePath) throws(FileFault) -> Void
  ) throws(LedgerFault) -> Outcome {
    let known = try ledger.output(at: path)
    do {
      let name = try Outbox.name(of: path)
      let folder = try directory.directory(
        making: path.removingLastComponent(), permissions: Outbox.folderPermissions)
      if let found = try self.digest(in: folder, of: path) {
        guard try isOurs(found, known) else {
          if let known { try ledger.noteEdited(known, found: found, by: actor) }
          return .edited(found: found)
        }
        if found == digest {
          if known?.digest != digest || known?.generation != generation {
            try ledger.notePublished(digest, at: path, case: label, generation: generation, by: actor)
          }
          return .unchanged
        }
      }
      try ledger.intend(digest, at: path, case: label, generation: generation)
      try write(folder, name)
    } catch {
      throw Outbox.fault(error)
    }
    try ledger.notePublished(digest, at: path, case: label, generation: generation, by: actor)
    return .published
  }

  /// Whether bytes that lie where we are to write are ours. What the ledger has forgotten, for another folder lay here
  /// meanwhile, is known by having been written at some time.
  private func isOurs(_ found: Digest, _ known: Output?) throws(LedgerFault) -> Bool {
    if let known, known.digest != nil || known.isOurs(found) { return known.isOurs(found) }
    if published == nil { published = try ledger.publishedDigests() }
    return published?.contains(found) == true
  }

  private func folder(of path: FilePath) throws(FileFault) -> Directory? {
    guard path.components.count > 1 else { return directory }
    do {
      return try directory.directory(path.removingLastComponent())
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// What opening a folder says where there is none, or something else is in its place.
  private static let absences: Set<Errno> = [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels]

  private func names(in folder: FilePath) throws(FileFault) -> Set<FilePath> {
    do {
      return Set(try folder.isEmpty ? directory.names() : directory.directory(folder).names())
    } catch  where Outbox.absences.contains(error.errno) {
      return []
    }
  }

  private func digest(in folder: Directory, of path: FilePath) throws(FileFault) -> Digest? {
    let file: FileDescriptor
    do {
      file = try folder.open(try Outbox.name(of: path))
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
    defer { try? file.close() }
    return try file.contentDigest(path: directory.path.appending(path.components))
  }

  private static func name(of path: FilePath) throws(FileFault) -> FilePath {
    guard let last = path.lastComponent else { throw FileFault("name", path, .invalidArgument) }
    return FilePath(root: nil, [last])
  }

  private static func fault(_ error: any Error) -> LedgerFault {
    switch error {
    case let fault as LedgerFault: fault
    case let fault as FileFault: .file(fault)
    default: .damaged("\(error)")
    }
  }
}

extension Directory {
  /// Copies a file to a temporary name here, compares it, and renames it to `name`.
  func place(
    copyOf source: FileDescriptor, withDigest digest: Digest, as name: FilePath, permissions: FilePermissions
  ) throws(FileFault) {
    let temporary = FilePath("\(DurableFile.temporaryPrefix)\(getpid())-\(UInt64.random(in: 0 ..< .max))")
    let file = try open(temporary, .readWrite, options: [.create, .exclusiveCreate], permissions: permissions)
    defer { try? file.close() }
    do throws(FileFault) {
      try source.copyContent(to: file, path: path.appending(name.components))
      try DurableFile.synchronize(file, path: path.appending(name.components))
      let copied = try file.contentDigest(path: path.appending(name.components))
      guard copied == digest else {
        throw FileFault("copy", path.appending(name.components), .illegalByteSequence)
      }
      let answer = temporary.withPlatformString { from in
        name.withPlatformString { to in renameat(descriptor.rawValue, from, descriptor.rawValue, to) }
      }
      guard answer == 0 else { throw FileFault("rename", path.appending(name.components), Errno(rawValue: errno)) }
    } catch {
      unlinkOwn(temporary)
      throw error
    }
    try synchronize()
  }

  /// Removes temporary files of ours here and in all folders beneath.
  func removeTemporariesBeneath() throws(FileFault) {
    try DurableFile.removeTemporaries(from: self)
    for name in try names() { try (try? directory(name))?.removeTemporariesBeneath() }
  }
}
