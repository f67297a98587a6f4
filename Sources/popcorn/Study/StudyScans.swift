import Contract
import Files
import FoundationEssentials
import Glibc
import Imaging
import Study
import SystemPackage
import Watch

/// A data folder as a study sees it: its parts, their sites, and what is wrong with it, before anything is trained.
struct StudyScans {
  let folder: DataFolder
  let trainingSet: [CaseReference]
  let holdout: [CaseReference]
  let cohort: StudyCohort
  private let path: FilePath

  /// Reads and checks a folder. Throws `Fault` where no comparison could come of it.
  /// - Parameters:
  ///   - subjects: how a name tells the person.
  ///   - needsPool: names of strategies that learn from the pool.
  init(_ path: FilePath, subjects: SubjectPattern? = nil, needsPool: [String]) throws {
    // Those that train are given the whole path, and what is prepared is kept by it.
    let path = absolute(path.string)
    self.path = path
    folder = try DataFolder(path, subjects: subjects)
    (trainingSet, holdout) = folder.split()
    let sites = try StudySites(of: path)
    func scans(_ cases: [CaseReference]) -> [StudyCohort.Scan] {
      cases.map { StudyCohort.Scan(name: $0.id, subject: $0.subject, site: sites[$0.id]) }
    }
    let digests = try folder.fileDigests()
    let truths = try DataFolder.digests(
      of: folder.unlabeled.compactMap { Self.hiddenTruth(of: $0, in: path) }.map(\.path))
    cohort = StudyCohort(
      name: path.lastComponent?.string ?? path.string,
      digest: "\(DataFolder.contentDigest(of: digests))",
      truthDigest: truths.isEmpty ? nil : "\(DataFolder.contentDigest(of: truths))",
      labeled: scans(trainingSet), holdout: scans(holdout), unlabeled: scans(folder.unlabeled), test: scans(folder.test)
    )

    try folder.refuseHeldOutInPool()
    try folder.refuseOverlap(digests)
    guard !folder.test.isEmpty else {
      throw Fault(
        .noInput, "\(path)/test holds no NAME_FLAIR.nii.gz with its NAME_mask.nii.gz: nothing could be compared")
    }
    if folder.unlabeled.isEmpty, !needsPool.isEmpty {
      throw Fault(
        .noInput,
        "\(path)/unlabeled holds no scan, and \(needsPool.joined(separator: ", ")) would learn from them: "
          + "--strategies baseline,baseline-consistency do not")
    }
  }

  /// Experts' masks that are learned from; two of one scan count as two.
  var masksLearnedFrom: Int { trainingSet.reduce(0) { $0 + $1.masks.count } }

  /// The truth of a scan of the pool, which no training sees: `truth/unlabeled/NAME_mask.nii.gz`; nil where there is none.
  func hiddenTruth(of scan: CaseReference) -> MaskReference? { Self.hiddenTruth(of: scan, in: path) }

  private static func hiddenTruth(of scan: CaseReference, in path: FilePath) -> MaskReference? {
    let folder = path.appending("truth/unlabeled")
    let found = ["\(scan.id)_mask.nii.gz", "\(scan.id)_mask.nii"].map { folder.appending($0).string }
      .first { fileType(of: FilePath($0)) == S_IFREG }
    return found.map { MaskReference(kind: .expert, path: $0) }
  }

  /// Scans of the pool whose truth is known.
  var poolWithTruth: [(scan: CaseReference, truth: MaskReference)] {
    folder.unlabeled.compactMap { scan in hiddenTruth(of: scan).map { (scan, $0) } }
  }

  /// What a person should know and what is no reason to stop. Prepares all scans and masks; throws `Fault` where one that is
  /// needed cannot be, where one scan's voxels are on both sides, and where all masks that are to be learned from are empty.
  func notes(
    with files: ScanFiles, keeping limit: Int = .max, meanwhile: (Int, Int) -> Void = { _, _ in }
  ) throws -> [String] {
    let look = try folder.look(with: files, keeping: limit, meanwhile: meanwhile)
    try folder.refuseOverlap(look.digests)
    var unlike: [FileNotice] = []
    for (scan, truth) in poolWithTruth where look.digests[scan.scan] != nil {
      do {
        unlike += try files.look(at: truth, of: scan, try files.open(scan))
      } catch {
        throw Fault(error, about: truth.path)
      }
    }
    var notes = look.notes + FileNotice.texts(of: unlike)
    func empty(_ cases: [CaseReference]) throws -> [String] {
      try cases.filter { scan in
        try scan.masks.allSatisfy { try files.mask($0, of: scan).values.allSatisfy { $0 == 0 } }
      }.map(\.id)
    }
    let (learned, judged) = (try empty(trainingSet), try empty(folder.test))
    guard learned.count < trainingSet.count else {
      throw Fault(.dataError, "the masks of all labeled scans are empty: nothing could be learned")
    }
    guard judged.count < folder.test.count else {
      throw Fault(.dataError, "the masks of all test scans are empty: nothing could be compared")
    }
    if !learned.isEmpty { notes.append("labeled without a lesion: \(learned.joined(separator: ", "))") }
    let held = try empty(holdout)
    if !held.isEmpty { notes.append("held out without a lesion: \(held.joined(separator: ", "))") }
    if !judged.isEmpty {
      notes.append(
        "test scans without a lesion count 1 where nothing is marked, else 0: \(judged.joined(separator: ", "))")
    }
    if holdout.isEmpty {
      notes.append("one labeled person: nobody is held out, and the training loss stands in for validation")
    }
    let homeless = cohort.scans.filter { $0.site == nil }.map(\.name)
    if homeless.count < cohort.scans.count, let named = firstAndMore(homeless) { notes.append("of no site: \(named)") }
    if folder.test.count < 6 {
      notes.append("\(folder.test.count) test scans: values are shown, but a test over so few says little")
    }
    return notes
  }
}

/// Which scanner or site each scan comes from: `phantom.json`'s scanners, or `sites.tsv` with columns name and site.
struct StudySites {
  private var sites: [String: String] = [:]

  private struct Phantom: Decodable {
    struct Scan: Decodable {
      var name: String
      var scanner: String
    }
    var scans: [Scan]
  }

  /// Sites of a data folder; none where it says nothing. A file that is there and cannot be read is an error.
  init(of path: FilePath) throws {
    if let bytes = try Self.bytes(path.appending("sites.tsv")) {
      let lines = String(decoding: bytes, as: UTF8.self)
        .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count >= 2 else {
          throw Fault(.dataError, "\(path)/sites.tsv, line \(number + 1): a name, a tab and a site are needed")
        }
        if let other = sites.updateValue(fields[1], forKey: fields[0]), other != fields[1] {
          throw Fault(
            .dataError, "\(path)/sites.tsv, line \(number + 1): \(fields[0]) is of \(other) by another line")
        }
      }
    } else if let bytes = try Self.bytes(path.appending("phantom.json")) {
      guard let phantom = try? JSONDecoder().decode(Phantom.self, from: Data(bytes)) else {
        throw Fault(.dataError, "\(path)/phantom.json cannot be read")
      }
      for scan in phantom.scans { sites[scan.name] = scan.scanner }
    }
  }

  subscript(_ name: String) -> String? { sites[name] }

  private static func bytes(_ path: FilePath) throws -> [UInt8]? {
    switch fileType(of: path) {
    case nil: return nil
    case S_IFREG: return try BoundedReader.read(path)
    default: throw Fault(.dataError, "\(path) is no file: take it out")
    }
  }
}
