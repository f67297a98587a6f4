import Contract
import Files
import Glibc
import Ledger
import SystemPackage
import Watch

// What a file's place says of it: what it is read as, whose it is, whether it may be moved.
extension Intake {
  /// What is known of a file before it is read, by where it lies and the JSON beside it.
  func name(of file: SeenFile, in inbox: Inbox) -> DroppedName {
    name(of: formerPath(of: file) ?? file.path, sidecar: sidecar(of: file, in: inbox))
  }

  /// The same of a place. The `.img` of a pair is what its header is.
  func name(of place: FilePath, sidecar: [UInt8]? = nil) -> DroppedName {
    let (folder, name) = (place.removingLastComponent(), FileName(of: place))
    let header = name.isVoxelHalf ? name.otherHalf.first ?? name : name
    return names.name(
      of: folder.appending(header.asPath.components), isBrain: header.isBrainMask(inFolder: FileName(of: folder).bytes),
      subjectPattern: settings.inbox.subjectPattern, sidecar: sidecar)
  }

  /// The other contrasts of a dataset are passed over; a loose one is held, so that its owner hears of it.
  func isOtherContrast(_ name: DroppedName, _ file: SeenFile, in inbox: Inbox) -> Bool {
    guard name.role == .scan, case .other = name.contrast else { return false }
    return isInDataset(file, in: inbox)
  }

  /// Loose files on a local disk are moved; a dataset's tree stays as its owner made it.
  func mayMove(_ file: SeenFile, in inbox: Inbox) -> Bool {
    settings.inbox.afterAccept == .move && !file.isRemote && !isInDataset(file, in: inbox)
  }

  /// Where a file lay that was moved into release/: it is still the file that was held there.
  func formerPath(of file: SeenFile) -> FilePath? {
    file.tree == .release ? (try? known.held(beforeRelease: file, in: path))?.decision.path : nil
  }

  private func sidecar(of file: SeenFile, in inbox: Inbox) -> [UInt8]? {
    let place = file.path.removingLastComponent().appending(FileName(of: file.path).sidecar.asPath.components)
    guard let source = try? inbox.directory.open(place) else { return nil }
    defer { try? source.close() }
    return try? BoundedReader.read(source, limit: Contrast.longestSidecar)
  }

  /// Whether the file lies in a BIDS or DataLad dataset.
  private func isInDataset(_ file: SeenFile, in inbox: Inbox) -> Bool {
    var folder = file.path.removingLastComponent()
    while !folder.isEmpty {
      for marker in ["dataset_description.json", ".datalad"] {
        var status = stat()
        let answer = folder.appending(marker).withPlatformString {
          fstatat(inbox.directory.descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        if answer == 0 { return true }
      }
      folder = folder.removingLastComponent()
    }
    return false
  }
}

extension Ledger {
  /// What was decided about a held file before a person moved it into release/.
  func held(beforeRelease file: SeenFile, in inbox: FilePath) throws(LedgerFault) -> FileRecord? {
    try decisions(.held).last {
      $0.decision.stamp.inode == file.inode && $0.decision.stamp.size == file.size && $0.decision.inbox == inbox
        && InboxTree(holding: $0.decision.path) != .release
    }
  }
}

extension FileName {
  /// The name as a path of one component.
  var asPath: FilePath { FilePath(rawBytes: bytes) }
}
