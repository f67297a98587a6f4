import Testing

@testable import Watch

@Suite struct IgnoreListTests {
  static let files: [(name: String, pattern: String?)] = [
    (".DS_Store", ".*"), ("._scan.nii.gz", ".*"), (".scan.nii.gz.Xy12Zq", ".*"), (".nfs000012", ".*"),
    (".fuse_hidden01", ".*"),
    (".~lock.scan.nii#", ".*"), (".syncthing.a.tmp", ".*"), ("~syncthing~a.nii.gz.tmp", "~*"), ("~$a.nii", "~*"),
    ("scan.nii~", "*~"), ("Thumbs.db", "thumbs.db"), ("THUMBS.DB", "thumbs.db"), ("desktop.ini", "desktop.ini"),
    ("a.tmp", "*.tmp"),
    ("a.nii.gz.part", "*.part"), ("a.PARTIAL", "*.partial"), ("scan.nii.gz.filepart", "*.filepart"),
    ("a.crdownload", "*.crdownload"),
    ("a.swp", "*.swp"), ("scan.nii.gz:Zone.Identifier", "*:zone.identifier"), ("a.bval", "*.bval"),
    ("a.bvec", "*.bvec"),
    ("README.txt", "*.txt"), ("README.md", "*.md"), ("a.nii.gz.REJECTED.txt", "*.txt"), ("lost+found", "lost+found"),
    // Near misses.
    ("scan.nii.gz", nil), ("DS_Store.nii", nil), ("a~b.nii", nil), ("thumbs.db.nii", nil), ("tmp.nii", nil),
    ("a.tmp.nii.gz", nil),
    ("part.nii", nil), ("a.parts", nil), ("desktop.ini.nii", nil), ("Zone.Identifier.nii", nil), ("txt", nil),
    ("a.txt.nii", nil),
    ("a.mdx", nil), ("@eaDir", nil), ("a.json", nil), ("pairs.tsv", nil), ("lost+found.nii", nil), ("-a.nii", nil),
    ("a\n.nii", nil),
    ("[a].nii", nil),
  ]

  @Test(arguments: files) func fileNames(name: String, pattern: String?) {
    #expect(IgnoreList().pattern(forFile: FileName(name.utf8)) == pattern)
  }

  static let directories: [(name: String, pattern: String?)] = [
    ("@eaDir", "@eadir"), ("@EADIR", "@eadir"), ("#recycle", "#recycle"), (".snapshot", ".*"), (".Trash-1000", ".*"),
    (".git", ".*"),
    (".datalad", ".*"), ("lost+found", "lost+found"), ("eaDir", nil), ("recycle", nil), ("git", nil),
    ("foo.nii.gz", nil), ("a.txt", nil),
    ("snapshot", nil),
  ]

  @Test(arguments: directories) func directoryNames(name: String, pattern: String?) {
    #expect(IgnoreList().pattern(forDirectory: FileName(name.utf8)) == pattern)
  }

  @Test func theOperatorsPatternsCount() {
    let list = IgnoreList(globs: ["*.log", "old-??"])
    #expect(list.pattern(forFile: FileName("A.LOG".utf8)) == "*.log")
    #expect(list.pattern(forDirectory: FileName("old-01".utf8)) == "old-??")
    #expect(list.pattern(forDirectory: FileName("old-001".utf8)) == nil)
  }

  @Test func namesThatAreNotUTF8AreMatchedByByte() {
    #expect(IgnoreList().pattern(forFile: FileName([0xE9, 0xFF] + Array(".tmp".utf8))) == "*.tmp")
    #expect(IgnoreList().pattern(forFile: FileName([0xE9, 0xFF] + Array(".nii".utf8))) == nil)
  }

  static let kinds: [(name: String, kind: FileKind)] = [
    ("a.nii", .volume), ("Scan.NII.GZ", .volume), ("a_brainmask.nii.gz", .brainMask), ("a_BrainMask.nii", .brainMask),
    ("brainmask.nii", .volume), ("a.hdr", .pairHalf), ("a.IMG", .pairHalf), ("a.seg.nrrd", .labelMap),
    ("a.nrrd", .labelMap),
    ("a.json", .sidecar), ("pairs.tsv", .sidecar), ("a.zip", .archive), ("a.nii.zst", .archive),
    ("a.nii.bz2", .archive),
    ("a.tar.gz", .archive), ("a.7z", .archive), ("a.gz", .archive), ("a.dcm", .dicom), ("DICOMDIR", .dicom),
    ("a.ima", .dicom),
    ("a.mgz", .unsupported), ("a.mha", .unsupported), ("a.mnc", .unsupported), ("a", .other), ("a.pdf", .other),
    (".nii", .other),
    ("nii", .other), ("a.niix", .other),
  ]

  @Test(arguments: kinds) func kindsByName(name: String, kind: FileKind) {
    #expect(FileName(name.utf8).kind(inFolder: Array("unlabeled".utf8)) == kind)
  }

  @Test func whatBelongsToAVolume() {
    #expect(FileName("A_FLAIR.NII.gz".utf8).sidecar == FileName("A_FLAIR.json".utf8))
    #expect(FileName("Pairs.TSV".utf8).isPairsTable)
    #expect(!FileName("pairs.tsv.nii".utf8).isPairsTable)
  }

  @Test func aFolderOfBrainMasksHoldsBrainMasks() {
    #expect(FileName("a.nii".utf8).kind(inFolder: Array("brainmasks".utf8)) == .brainMask)
    #expect(FileName("a.hdr".utf8).isBrainMask(inFolder: Array("Brainmasks".utf8)))
    #expect(FileName("a_brainmask.img".utf8).isBrainMask(inFolder: []))
    #expect(!FileName("a_brainmask.json".utf8).isBrainMask(inFolder: []))
  }

  @Test(arguments: [
    ("a.hdr", ["a.img", "a.IMG"]), ("A.HDR", ["A.IMG", "A.img"]), ("a.b.img", ["a.b.hdr", "a.b.HDR"]),
    ("a.nii", []), (".hdr", []),
  ]) func halvesKnowTheirOther(name: String, others: [String]) {
    #expect(FileName(name.utf8).otherHalf == others.map { FileName($0.utf8) })
  }
}
