import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Watch

@Suite struct InboxScanTests {
  private func scan(_ folder: TemporaryFolder, beneath start: FilePath = "") throws -> (
    files: [SeenFile], report: ScanReport
  ) {
    let inbox = try Inbox(folder.path, expectedDevice: nil, requiresMarker: false)
    var files: [SeenFile] = []
    let report = InboxScan().run(inbox, beneath: start) { files.append($0) }
    return (files, report)
  }

  @Test func showsRegularFilesInOrderWithWhatStatSays() throws {
    let folder = try TemporaryFolder()
    for name in ["unlabeled/b", "unlabeled/foo.nii.gz", "labeled", "release"] { try folder.make(name) }
    try folder.write("unlabeled/b/z.nii", "12345")
    try folder.write("unlabeled/b/a.nii.gz")
    try folder.write("unlabeled/foo.nii.gz/inside.nii")
    try folder.write("unlabeled/C_brainmask.NII")
    try folder.write("labeled/pairs.tsv")
    try folder.write("release/held.nii")
    try folder.write("README.md")
    try folder.write("stray.nii")
    let (files, report) = try scan(folder)
    #expect(
      files.map { "\($0.path)" } == [
        "labeled/pairs.tsv", "release/held.nii", "unlabeled/C_brainmask.NII", "unlabeled/b/a.nii.gz",
        "unlabeled/b/z.nii",
        "unlabeled/foo.nii.gz/inside.nii",
      ])
    #expect(files.map(\.kind) == [.sidecar, .volume, .brainMask, .volume, .volume, .volume])
    #expect(files.map(\.tree) == [.labeled, .release, .unlabeled, .unlabeled, .unlabeled, .unlabeled])
    #expect(files[4].size == 5)
    #expect(files[4].owner == getuid())
    #expect(report.files == 6)
    #expect(report.directories == 5)
    #expect(report.faultCount == 0)
    let only = try scan(folder, beneath: "unlabeled/b")
    #expect(only.files.map { "\($0.path)" } == ["unlabeled/b/a.nii.gz", "unlabeled/b/z.nii"])
    #expect(try scan(folder, beneath: "../etc").files.isEmpty)
  }

  @Test func aHostileTreeIsSurvivedAndCounted() throws {
    let folder = try TemporaryFolder()
    try folder.make("unlabeled/.git/deep")
    try folder.make("unlabeled/@eaDir")
    try folder.make("unlabeled/loop")
    try folder.write("unlabeled/.git/deep/a.nii")
    try folder.write("unlabeled/@eaDir/a.nii")
    try folder.write("unlabeled/.a.nii.gz.Xy12")
    try folder.link("unlabeled/loop/up", to: "..")
    try folder.link("unlabeled/loop/self", to: "self")
    try folder.link("unlabeled/outside.nii", to: "/etc/passwd")
    try folder.link("unlabeled/annex.nii.gz", to: "../.git/annex/objects/aa/bb/MD5E-s1--c.nii.gz")
    #expect(mkfifo(folder.path.appending("unlabeled/pipe.nii.gz").string, 0o644) == 0)
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: folder.path.appending("unlabeled/s.nii").string.utf8)
    }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(isBound == 0)
    let odd: [[UInt8]] = [
      Array("new\nline.nii".utf8), [0xE9] + Array("t\u{1}.nii".utf8), Array("-rf.nii".utf8),
      Array("a;$(b) '\".nii".utf8),
      Array(repeating: UInt8(ascii: "x"), count: 251) + Array(".nii".utf8),
    ]
    for name in odd { try folder.write(Array("unlabeled/".utf8) + name) }
    let (files, report) = try scan(folder)
    let expected = odd.map { Array("unlabeled/".utf8) + $0 }.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(files.map(\.path.rawBytes) == expected)
    #expect(report.ignored == [".*": 2, "@eadir": 1])
    #expect(report.skipped == [.symlink: 3, .annexNotFetched: 1, .notRegular: 2])
    // Those without an image's name are counted only.
    let strays = try #require(report.strays["unlabeled"])
    #expect(report.strays.count == 1)
    #expect(
      strays.named == [
        "unlabeled/outside.nii": .symlink, "unlabeled/annex.nii.gz": .annexNotFetched,
        "unlabeled/pipe.nii.gz": .notRegular, "unlabeled/s.nii": .notRegular,
      ])
    #expect(strays.counts == [.symlink: 1, .annexNotFetched: 1, .notRegular: 2])
  }

  @Test func ofManyLinksTheFirstAreNamedAndAllCounted() throws {
    let folder = try TemporaryFolder()
    try folder.make("unlabeled/set/anat")
    for number in 10..<30 { try folder.link("unlabeled/set/anat/s\(number)_FLAIR.nii.gz", to: "nowhere") }
    for name in ["a.nii.HELD.txt", "b.nii.rejected.TXT", "c.nii.ACCEPTED.txt", "HELD.txt", "d.HELD.md"] {
      try folder.write("unlabeled/set/\(name)")
    }
    let (files, report) = try scan(folder)
    #expect(files.isEmpty)
    let strays = try #require(report.strays["unlabeled/set/anat"])
    #expect(strays.count == 20)
    #expect(Set(strays.named.keys) == Set((10..<18).map { FilePath("unlabeled/set/anat/s\($0)_FLAIR.nii.gz") }))
    #expect(report.requests == ["unlabeled/set/a.nii.HELD.txt", "unlabeled/set/b.nii.rejected.TXT"])
  }

  @Test func depthIsBoundedAndSaid() throws {
    let folder = try TemporaryFolder()
    let path = "unlabeled/" + Array(repeating: "d", count: 100).joined(separator: "/")
    try folder.make(path)
    try folder.write(path + "/a.nii")
    try folder.write("unlabeled/b.nii")
    let (files, report) = try scan(folder)
    #expect(files.map { "\($0.path)" } == ["unlabeled/b.nii"])
    #expect(report.misplaced == ["unlabeled/d"])
    #expect(report.directories == InboxScan.deepest)
    // Nothing hides there that could be thought gone.
    #expect(report.faultCount == 0)
  }

  /// A path that the kernel does not take, of folders that it does take one after the other.
  @Test func aPathThatIsTooLongIsSaid() throws {
    let folder = try TemporaryFolder()
    try folder.make("labeled/top")
    let name = String(repeating: "n", count: 240)
    var place = try FileDescriptor.open(folder.path.appending("labeled/top"), .readOnly, options: [.directory])
    for depth in 1...17 {
      // The last file with a path that is short enough, and the first that has none.
      for file in ["a.nii", "\(name).nii"] where depth == 16 {
        let made = openat(place.rawValue, file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(made >= 0)
        close(made)
      }
      try #require(mkdirat(place.rawValue, name, 0o755) == 0)
      let next = openat(place.rawValue, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      try #require(next >= 0)
      try place.close()
      place = FileDescriptor(rawValue: next)
    }
    try place.close()
    let (files, report) = try scan(folder)
    #expect(files.isEmpty == false && files.allSatisfy { $0.path.rawBytes.count <= InboxScan.longestPath })
    #expect(report.misplaced == ["labeled/top"] && report.faultCount == 0)
  }

  @Test func imagesBesideTheTreesAreSaid() throws {
    let folder = try TemporaryFolder()
    for name in ["unlabeled", "labeled", "staging"] { try folder.make(name) }
    for name in ["a_FLAIR.nii.gz", "README.txt", "notes.md", ".b.nii", "old.nii.HELD.txt", "staging/c.nii"] {
      try folder.write(name)
    }
    try folder.link("l.nii", to: "a_FLAIR.nii.gz")
    let (files, report) = try scan(folder)
    #expect(files.isEmpty && report.misplaced == ["a_FLAIR.nii.gz"])
    #expect(report.requests == ["old.nii.HELD.txt"] && report.ignored.isEmpty)
    #expect(try scan(folder, beneath: "unlabeled").report.misplaced == [])
  }

  @Test func oneLookAnswersAHint() throws {
    let folder = try TemporaryFolder()
    try folder.make("unlabeled/a/.git/x")
    try folder.write("unlabeled/a/s.nii")
    try folder.write("unlabeled/a/.git/x/s.nii")
    try folder.write("stray.nii")
    try folder.link("unlabeled/link", to: "a")
    let inbox = try Inbox(folder.path, expectedDevice: nil, requiresMarker: false)
    func look(_ path: FilePath) -> String {
      switch InboxScan().look(at: path, in: inbox) {
      case .file(let file): "file \(file.path) \(file.size)"
      case .directory: "directory"
      case .ignored(let pattern): "ignored \(pattern)"
      case .skipped(let reason): reason.rawValue
      case .outside: "outside"
      case .absent: "absent"
      case .unknown(let fault): "unknown \(fault.errno.rawValue)"
      }
    }
    #expect(look("unlabeled/a/s.nii") == "file unlabeled/a/s.nii 1")
    #expect(look("unlabeled/a") == "directory")
    #expect(look("unlabeled") == "directory")
    #expect(look("unlabeled/a/.git/x/s.nii") == "ignored .*")
    #expect(look("unlabeled/a/gone.nii") == "absent")
    #expect(look("unlabeled/gone/a.nii") == "absent")
    #expect(look("unlabeled/a/s.nii/x") == "absent")
    #expect(look("unlabeled/link") == "SYMLINK")
    #expect(look("unlabeled/link/s.nii") == "unknown \(ELOOP)")
    #expect(look("stray.nii") == "outside")
    #expect(look("") == "outside")
    #expect(look("../x") == "outside")
  }

  @Test func aGoneInboxIsToldFromAnEmptyOne() throws {
    let folder = try TemporaryFolder()
    let first = try Inbox(folder.path, expectedDevice: nil, requiresMarker: false)
    _ = try Inbox(folder.path, expectedDevice: first.device, requiresMarker: false)
    #expect(throws: InboxGone.self) { try Inbox(folder.path, expectedDevice: first.device + 1, requiresMarker: false) }
    #expect(throws: InboxGone.self) {
      try Inbox(folder.path.appending("gone"), expectedDevice: nil, requiresMarker: false)
    }
    #expect(throws: InboxGone.self) { try Inbox(folder.path, expectedDevice: nil, requiresMarker: true) }
    try folder.write(Inbox.marker)
    // A network mount has another number each time: the marker decides.
    _ = try Inbox(folder.path, expectedDevice: first.device + 1, requiresMarker: true)
  }

  @Test(arguments: [
    (0xEF53, true), (0x0102_1994, true), (0x9123_683E, true), (0x6969, false), (0xFF53_4D42, false),
    (0x6573_5546, false),
    (0x517B, false), (0xFE53_4D42, false), (0x0102_1997, false), (0, false), (-1, false),
  ])
  func magicNumbersTellLocalFromRemote(magic: Int, isLocal: Bool) {
    #expect(FileSystemKind.local(UInt32(truncatingIfNeeded: magic)) == isLocal)
  }
}
