import Contract
import Files
import FoundationEssentials
import Imaging
import Popcorn
import SystemPackage

/// What a look at all scans of a data folder found.
struct DataFolderLook {
  /// What a person should know and what is no reason to stop.
  var notes: [String] = []
  /// Of each scan's voxels, by its path: one scan in two files has them twice, however they are packed.
  var digests: [String: Digest] = [:]
}

extension DataFolder {
  /// Reads and prepares every scan and mask, so that nothing that is wrong with one is found when days have gone by. A
  /// scan of the pool that cannot be used is noted. What is prepared stays in the cache of `files`; of a pool that it has no
  /// room for the rest is left to those who come to need it.
  /// - Parameters:
  ///   - limit: bytes that the cache holds.
  ///   - meanwhile: told how many scans of how many are done.
  /// Throws `Fault` for a labelled or test scan, or a mask of one, that cannot be used.
  func look(
    with files: ScanFiles, keeping limit: Int = .max, meanwhile: (Int, Int) -> Void = { _, _ in }
  ) throws -> DataFolderLook {
    var look = DataFolderLook()
    // A volume is kept as its voxels, Float32, and its brain.
    let room = limit / (5 * files.settings.size.reduce(1, *)) - labeled.count - test.count
    let pool = unlabeled.prefix(max(0, room))
    var done = 0
    func next() {
      meanwhile(done, labeled.count + test.count + pool.count)
      done += 1
    }
    var notices: [FileNotice] = []
    func open(_ scan: CaseReference) throws -> OpenedScan {
      let opened = try files.open(scan)
      look.digests[scan.scan] = opened.image.volume.voxelDigest
      _ = try files.volume(of: scan, opened)
      notices += opened.notices
      return opened
    }
    for scan in labeled + test {
      next()
      let opened: OpenedScan
      do { opened = try open(scan) } catch { throw Fault(error, about: scan.scan) }
      for mask in scan.masks {
        do { notices += try files.look(at: mask, of: scan, opened) } catch { throw Fault(error, about: mask.path) }
      }
    }
    for scan in pool {
      next()
      do {
        _ = try open(scan)
      } catch {
        look.notes.append("left out of the pool: \(Fault(error, about: scan.scan))")
      }
    }
    look.notes += FileNotice.texts(of: notices)
    if pool.count < unlabeled.count {
      look.notes.append("of the pool \(unlabeled.count - pool.count) scans are looked at when they are needed")
    }
    if let named = firstAndMore(unfitting) {
      look.notes.append("--subject-pattern does not fit \(named): persons are told there as without it")
    }
    if !ignored.isEmpty {
      let named = ignored.prefix(3).joined(separator: ", ")
      let rest = ignored.count > 3 ? " and \(ignored.count - 3) more" : ""
      look.notes.append(
        "no scan by its name (NAME_FLAIR.nii.gz), no mask of one, and not looked at: \(named)\(rest)")
    }
    return look
  }

  /// The files of all parts.
  var files: [String] {
    (labeled + unlabeled + test).flatMap { [$0.scan] + [$0.brain].compactMap(\.self) + $0.masks.map(\.path) }
  }

  /// SHA-256 of each file, by its path.
  func fileDigests() throws -> [String: Digest] { try Self.digests(of: files) }

  /// SHA-256 of each of some files, by its path.
  static func digests(of paths: [String]) throws -> [String: Digest] {
    var digests: [String: Digest] = [:]
    for path in paths where digests[path] == nil { digests[path] = Digest(of: try BoundedReader.read(FilePath(path))) }
    return digests
  }

  /// One digest over names and bytes of files; the folder may move.
  static func contentDigest(of digests: [String: Digest]) -> Digest {
    let lines: [String] = digests.map { path, digest in
      let name = FilePath(path).components.suffix(2).map(\.string).joined(separator: "/")
      return name + " \(digest)\n"
    }
    return Digest(of: lines.sorted().joined().utf8)
  }
}
