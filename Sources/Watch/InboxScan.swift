import Contract
import Files
import Glibc
import SystemPackage

/// What a scan found besides the files it showed.
public struct ScanReport: Sendable {
  /// At most this many faults are listed; all are counted.
  public static let longestList = 1000

  /// Regular files shown.
  public var files = 0
  /// Directories descended into.
  public var directories = 0
  /// Names ignored, by pattern.
  public var ignored: [String: Int] = [:]
  /// What lay there and is nothing to take, by reason.
  public var skipped: [ReasonCode: Int] = [:]
  /// Those of them that have names of images, by folder.
  public var strays: [FilePath: Strays] = [:]
  /// What lies where nothing is taken: images directly in the inbox; of what is out of reach the folder in its tree.
  public var misplaced: Set<FilePath> = []
  /// Texts that are named as receipts that ask something of a person.
  public var requests: [FilePath] = []
  /// The first of the places that could not be looked at.
  public var faults: [FileFault] = []
  /// How many could not be looked at. Where any, the scan is no proof of absence.
  public var faultCount = 0
  /// Directories on a network file system.
  public var remoteDirectories = 0
  /// Directories on another file system than their parent.
  public var mounts = 0

  mutating func skip(_ name: FileName, _ path: FilePath, in folder: FilePath, _ reason: ReasonCode) {
    skipped[reason, default: 0] += 1
    if name.kind(inFolder: FileName(of: folder).bytes).isOffered { strays[folder, default: Strays()].add(path, reason) }
  }

  mutating func ignore(_ name: FileName, _ path: FilePath, _ pattern: String) {
    ignored[pattern, default: 0] += 1
    if name.isRequest { requests.append(path) }
  }

  /// Nothing beneath this path can be taken.
  mutating func misplace(_ path: FilePath) {
    guard misplaced.count < Self.longestList else { return }
    misplaced.insert(path.components.prefix(2).reduce(into: FilePath("")) { $0.append($1) })
  }

  mutating func fail(_ fault: FileFault) {
    faultCount += 1
    if faults.count < Self.longestList { faults.append(fault) }
  }
}

/// Looks through an inbox. The truth, where events are hints. Memory: the names of the directories on the way down.
public struct InboxScan: Sendable {
  /// Deeper directories are not descended into: each level costs an open descriptor.
  public static let deepest = 64
  /// The kernel takes no longer path.
  public static let longestPath = 4095

  /// What is passed over.
  public var ignore: IgnoreList

  /// A scan that passes over what is on the list.
  public init(ignore: IgnoreList = IgnoreList()) { self.ignore = ignore }

  /// Shows every regular file in the three trees, or beneath `start` only (relative to the inbox), a directory's
  /// names in bytewise order. With the trees what lies beside them is looked at.
  public func run(_ inbox: Inbox, beneath start: FilePath = "", visit: (SeenFile) -> Void) -> ScanReport {
    var report = ScanReport()
    var starts = start.components.isEmpty ? InboxTree.allCases.map { FilePath($0.rawValue) } : [start]
    starts.sort { $0.rawBytes.lexicographicallyPrecedes($1.rawBytes) }
    if start.components.isEmpty { lookBesideTrees(inbox, &report) }
    for start in starts where InboxTree(startingAt: start) != nil {
      guard !isIgnored(start, &report) else { continue }
      do throws(FileFault) {
        let directory = try inbox.directory.directory(start)
        let place = try Place(directory, at: start, depth: start.components.count)
        descend(place, &report, visit)
      } catch {
        if error.errno != .noSuchFileOrDirectory { report.fail(error) }
      }
    }
    return report
  }

  /// What lies at `path` (relative to the inbox) now: the answer to a hint.
  public func look(at path: FilePath, in inbox: Inbox) -> Sighting {
    guard InboxTree(startingAt: path) != nil, let name = path.components.last.map({ _ in FileName(of: path) }),
      Self.reaches(path)
    else { return .outside }
    var report = ScanReport()
    let parent = path.removingLastComponent()
    if isIgnored(parent, &report) { return .ignored(report.ignored.keys.first ?? "") }
    do throws(FileFault) {
      let directory = parent.isEmpty ? inbox.directory : try inbox.directory.directory(parent)
      return sight(name, in: try Place(directory, at: parent, depth: parent.components.count))
    } catch {
      return error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory ? .absent : .unknown(error)
    }
  }

  /// Whether what lies at a path is taken.
  private static func reaches(_ path: FilePath) -> Bool {
    path.components.count <= deepest + 1 && path.rawBytes.count <= longestPath
  }

  /// Images that somebody has dropped beside the trees instead of into one, and the receipts that say so.
  private func lookBesideTrees(_ inbox: Inbox, _ report: inout ScanReport) {
    do throws(FileFault) {
      for entry in try inbox.directory.names() {
        let name = FileName(of: entry)
        if name.isRequest { report.requests.append(entry) }
        guard name.kind(inFolder: []).isOffered, ignore.pattern(forFile: name) == nil,
          let status = try? inbox.directory.status(of: name), status.isRegular
        else { continue }
        report.misplace(entry)
      }
    } catch {
      report.fail(error)
    }
  }

  private struct Place {
    let directory: Directory
    let path: FilePath
    let device: UInt64
    let isRemote: Bool
    let depth: Int

    init(_ directory: Directory, at path: FilePath, depth: Int, parent: Place? = nil) throws(FileFault) {
      self.directory = directory
      self.path = path
      self.depth = depth
      device = UInt64(try directory.status().st_dev)
      if let parent, parent.device == device {
        isRemote = parent.isRemote
      } else {
        isRemote = FileSystemKind(of: directory) == .remote
      }
    }
  }

  private func descend(_ place: Place, _ report: inout ScanReport, _ visit: (SeenFile) -> Void) {
    report.directories += 1
    if place.isRemote { report.remoteDirectories += 1 }
    let names: [FilePath]
    do throws(FileFault) { names = try place.directory.names() } catch { return report.fail(error) }
    for entry in names {
      let (name, path) = (FileName(of: entry), place.path.appending(entry.components))
      switch sight(name, in: place) {
      case .file(let file):
        guard Self.reaches(path) else {
          if file.kind.isOffered { report.misplace(path) }
          continue
        }
        report.files += 1
        visit(file)
      case .directory:
        guard place.depth < Self.deepest, Self.reaches(path) else {
          report.misplace(path)
          continue
        }
        do throws(FileFault) {
          let child = try Place(place.directory.directory(entry), at: path, depth: place.depth + 1, parent: place)
          if child.device != place.device { report.mounts += 1 }
          descend(child, &report, visit)
        } catch {
          report.fail(error)
        }
      case .ignored(let pattern): report.ignore(name, path, pattern)
      case .skipped(let reason): report.skip(name, path, in: place.path, reason)
      case .unknown(let fault): report.fail(fault)
      case .absent, .outside: continue
      }
    }
  }

  private func sight(_ name: FileName, in place: Place) -> Sighting {
    let status: stat
    do throws(FileFault) { status = try place.directory.status(of: name) } catch {
      return error.errno == .noSuchFileOrDirectory ? .absent : .unknown(error)
    }
    if status.isDirectory { return ignore.pattern(forDirectory: name).map(Sighting.ignored) ?? .directory }
    if let pattern = ignore.pattern(forFile: name) { return .ignored(pattern) }
    if status.isLink {
      let target = String(decoding: place.directory.target(ofLink: name), as: UTF8.self)
      let isAnnexed = place.directory.isBrokenLink(name) && target.contains(".git/annex/objects/")
      return .skipped(isAnnexed ? .annexNotFetched : .symlink)
    }
    guard status.isRegular else { return .skipped(.notRegular) }
    let path = place.path.appending(FilePath(rawBytes: name.bytes).components)
    guard let tree = InboxTree(holding: path) else { return .outside }
    return .file(
      SeenFile(
        tree: tree, path: path, device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
        size: Int64(status.st_size),
        modified: status.modified, owner: status.st_uid, kind: name.kind(inFolder: FileName(of: place.path).bytes),
        isRemote: place.isRemote))
  }

  /// Whether the path leads through an ignored directory.
  private func isIgnored(_ path: FilePath, _ report: inout ScanReport) -> Bool {
    var remaining = path
    while !remaining.components.isEmpty {
      if let pattern = ignore.pattern(forDirectory: FileName(of: remaining)) {
        report.ignored[pattern, default: 0] += 1
        return true
      }
      remaining.removeLastComponent()
    }
    return false
  }
}

extension InboxTree {
  /// The tree that a path leads into, the tree's own folder included.
  init?(startingAt path: FilePath) {
    guard let first = path.components.first, first.kind == .regular else { return nil }
    self.init(rawValue: first.string)
  }
}
