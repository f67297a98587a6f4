import Contract
import Files
import Glibc
import SystemPackage
import Testing

@testable import Imaging

@Suite struct AdmitTests {
  /// A scan of 16³ voxels of 6 mm with a ball in it, as our own writer packs it.
  static let scan: [UInt8] = {
    let size = GridSize(16, 16, 16)
    let geometry = GridGeometry(size: size.list, affine: [-6, 0, 0, 45, 0, 6, 0, -45, 0, 0, 6, -45])
    let image = Image(volume: Volume(size: size, values: (0..<4096).map { Float($0 % 211) }), geometry: geometry)
    return NiftiFile.encode(scan: image.volume, like: image.header)
  }()

  static let mask: [UInt8] = {
    let size = GridSize(16, 16, 16)
    let geometry = GridGeometry(size: size.list, affine: [-6, 0, 0, 45, 0, 6, 0, -45, 0, 0, 6, -45])
    let image = Image(volume: Volume(size: size, repeating: 0), geometry: geometry)
    let values = (0..<4096).map { $0 % 100 == 0 ? UInt8(1) : 0 }
    return NiftiFile.encode(
      mask: Volume(size: size, values: values), like: image.header, description: "popcornd gen-0003 PSNAAAABBBBCC")
  }()

  @Test func aScanIsTakenAndCopied() throws {
    let first = try AdmitProcess.run(input: Self.scan)
    #expect(first.status == 0)
    let verdict = try #require(first.verdict, "\(first.errorText)")
    #expect(verdict.outcome == .accept)
    #expect(verdict.canonicalDigest == Digest(of: first.output).description)
    #expect(verdict.inputDigest == Digest(of: Self.scan).description)
    #expect(verdict.axisCodes == "LAS")
    #expect(try NiftiFile.decode(first.output).volume == NiftiFile.decode(Self.scan).volume)
    let second = try AdmitProcess.run(input: Self.scan)
    #expect(second.output == first.output)
    #expect(second.errorText == first.errorText)
    #expect(first.errorText.split(separator: "\n").count == 1)
  }

  @Test func ourOwnMaskIsKnownAgain() throws {
    let label = try AdmitProcess.run(["--role", "label"], input: Self.mask)
    #expect(label.verdict?.outcome == .accept)
    #expect(label.verdict?.ownCase == "PSNAAAABBBBCC")
    #expect(label.verdict?.foreground == 41)
    // No two of them touch; each is 6 x 6 x 6 mm.
    #expect(label.verdict?.lesionCount == 41 && label.verdict?.largestLesionMl == 0.216)
    let scan = try AdmitProcess.run(input: Self.mask)
    #expect(scan.verdict?.reason == .ownOutput)
    #expect(scan.output.isEmpty)
  }

  /// A doubt that only a person can settle does not count once one has; what cannot be read as a mask stays out.
  @Test func aReleasedFileIsTakenWhereThatIsPossible() throws {
    let geometry = GridGeometry(size: [16, 16, 16], affine: [-6, 0, 0, 45, 0, 6, 0, -45, 0, 0, 6, -45])
    let size = GridSize(16, 16, 16)
    let image = Image(volume: Volume(size: size, repeating: 0), geometry: geometry)
    let empty = NiftiFile.encode(mask: Volume(size: size, repeating: 0), like: image.header, description: "")
    let quarters = Volume(size: size, values: (0..<4096).map { Float($0 % 5) / 4 })
    let soft = NiftiFile.encode(scan: quarters, like: image.header)
    let plain = try Self.scan.withUnsafeBufferPointer { buffer in
      Result { try Gzip.unpack(buffer, needed: 0, capacity: 1 << 20) }
    }.get().content
    var named = plain
    named[148..<156] = ArraySlice("DOE^JANE".utf8)
    var nowhere = plain
    for byte in 252..<256 { nowhere[byte] = 0 }
    let small = Self.scan
    typealias Case = (input: [UInt8], flags: [String], reason: ReasonCode, isReleasable: Bool)
    let cases: [Case] = [
      (empty, ["--role", "label"], .labelEmpty, true), (soft, ["--role", "label"], .labelSoft, false),
      (Self.mask, [], .ownOutput, false), (named, [], .personalData, true),
      (nowhere, [], .orientationUnknown, true), (small, ["--min-fov-mm", "97"], .fieldOfView, true),
      (small, ["--max-voxel-mm", "5"], .badVoxelSize, true), (small, ["--max-memory", "1000"], .memory, false),
    ]
    for (input, flags, reason, isReleasable) in cases {
      let held = try #require(try AdmitProcess.run(flags, input: input).verdict)
      #expect(held.outcome == .hold && held.reason == reason && held.isReleasable == isReleasable, "\(held)")
      let released = try AdmitProcess.run(flags + ["--released"], input: input)
      #expect((released.verdict?.outcome == .accept) == isReleasable, "\(reason): \(released.errorText)")
      #expect(released.output.isEmpty != isReleasable)
    }
    #expect(try AdmitProcess.run(["--released"], input: Self.scan).output == AdmitProcess.run(input: Self.scan).output)
  }

  /// Whole numbers read as floats are denormals: no mask. By the program, because in the tests' own process the engine may
  /// have its threads flush denormals to zero.
  @Test func aMaskOfDenormalsIsHeld() throws {
    let geometry = GridGeometry(size: [16, 16, 16], affine: [-6, 0, 0, 45, 0, 6, 0, -45, 0, 0, 6, -45])
    let values = Volume(
      size: GridSize(16, 16, 16), values: (0..<4096).map { Float(bitPattern: $0 % 9 == 0 ? 1 : 0) })
    let file = NiftiFile.encode(scan: values, like: Image(volume: values, geometry: geometry).header)
    #expect(try AdmitProcess.run(["--role", "label"], input: file).verdict?.reason == .labelSoft)
  }

  @Test func twoMasksOfOursAreCompared() throws {
    let size = GridSize(16, 16, 16)
    let geometry = GridGeometry(size: size.list, affine: [-6, 0, 0, 45, 0, 6, 0, -45, 0, 0, 6, -45])
    let image = Image(volume: Volume(size: size, repeating: 0), geometry: geometry)
    func mask(_ belongs: (Int) -> Bool) -> [UInt8] {
      NiftiFile.encode(
        mask: Volume(size: size, values: (0..<4096).map { belongs($0) ? 1 : 0 }), like: image.header, description: "")
    }
    let answer = try AdmitProcess.run(["--compare"], input: mask { $0 % 3 == 0 }, second: mask { $0 % 5 == 0 })
    #expect(answer.verdict?.outcome == .accept && answer.output.isEmpty, "\(answer.errorText)")
    let counts = [3, 5, 15].map { step in (0..<4096).count { $0 % step == 0 } }
    #expect(answer.verdict?.overlap == Verdict.Overlap(first: counts[0], second: counts[1], both: counts[2]))
    #expect(answer.verdict?.overlap?.dice == Double(2 * counts[2]) / Double(counts[0] + counts[1]))
    let small = try AdmitProcess.run(["--compare"], input: Self.mask, second: Array(Self.mask.dropLast(50)))
    #expect(small.status == 0 && small.verdict?.overlap == nil)
    #expect(try AdmitProcess.run(["--compare"], input: Self.mask).verdict?.overlap == nil)
  }

  @Test func limitsAreFlags() throws {
    #expect(try AdmitProcess.run(["--max-voxels", "4000"], input: Self.scan).verdict?.reason == .tooLarge)
    #expect(try AdmitProcess.run(["--max-bytes", "100"], input: Self.scan).verdict?.reason == .tooLarge)
    #expect(try AdmitProcess.run(["--max-memory", "1000"], input: Self.scan).verdict?.reason == .memory)
    #expect(try AdmitProcess.run(["--min-fov-mm", "97"], input: Self.scan).verdict?.reason == .fieldOfView)
    #expect(try AdmitProcess.run(["--max-voxel-mm", "5"], input: Self.scan).verdict?.reason == .badVoxelSize)
    let label = ["--role", "label", "--lesion-values"]
    #expect(try AdmitProcess.run(label + ["2,1"], input: Self.mask).verdict?.foreground == 41)
    #expect(try AdmitProcess.run(label + ["2,3"], input: Self.mask).verdict?.reason == .labelMulticlass)
    #expect(try AdmitProcess.run(label + ["2,x"], input: Self.mask).status != 0)
    #expect(try AdmitProcess.run(["--max-bytes", "-1"], input: Self.scan).status != 0)
  }

  /// The kernel grants what is allowed and a gibibyte for ourselves: a file that is larger is not begun with.
  @Test func aFileThatIsLargerThanTheMemoryIsHeldBeforeItIsRead() throws {
    let sparse = try AdmitProcess.anonymousFile([0])
    try #require(ftruncate(sparse, 3 << 30) == 0)
    for flags in [["--max-memory", "500000000"], ["--max-memory", "500000000", "--max-bytes", "1000000000"]] {
      lseek(sparse, 0, SEEK_SET)
      let held = try AdmitProcess.run(flags, on: sparse)
      #expect(held.status == 0 && held.output.isEmpty)
      #expect(held.verdict?.reason == (flags.count > 2 ? .tooLarge : .memory), "\(held.errorText)")
    }
    close(sparse)
  }

  @Test func aCutFileWaitsAndSaysHowMuchIsThere() throws {
    let cut = try AdmitProcess.run(input: Array(Self.scan.dropLast(40)))
    #expect(cut.status == 0)
    #expect(cut.verdict?.outcome == .wait)
    #expect(cut.verdict?.reason == .gzipTruncated)
    #expect(cut.verdict?.numbers.map(\.name) == ["have", "unpacked", "need unpacked"])
    #expect(try AdmitProcess.run(input: []).verdict?.reason == .emptyFile)
  }

  @Test func aPairComesOnTwoDescriptors() throws {
    // The smallest pair there is: a header that points to its voxels, and 4096 of them.
    var header = [UInt8](repeating: 0, count: 348)
    func put(_ value: Int, _ place: Int) {
      (header[place], header[place + 1]) = (UInt8(value & 255), UInt8(value >> 8))
    }
    put(348, 0)
    for (index, value) in [3, 16, 16, 16].enumerated() { put(value, 40 + 2 * index) }
    put(2, 70)
    put(8, 72)
    put(1, 254)
    header[123] = 2
    for (place, value) in [(80, Float(6)), (84, 6), (88, 6), (280, 6), (300, 6), (320, 6)] {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { header.replaceSubrange(place..<place + 4, with: $0) }
    }
    header.replaceSubrange(344..<347, with: Array("ni1".utf8))
    let voxels = (0..<4096).map { UInt8($0 % 211) }
    #expect(try AdmitProcess.run(input: header).verdict?.reason == .pairHalf)
    let pair = try AdmitProcess.run(input: header, second: voxels)
    #expect(pair.verdict?.outcome == .accept, "\(pair.errorText)")
    #expect(try NiftiFile.decode(pair.output).volume.values == voxels.map(Float.init))
    #expect(pair.verdict?.partDigests == [Digest(of: header).description, Digest(of: voxels).description])
    #expect(pair.verdict?.inputDigest == Digest(of: header + voxels).description)
    let cut = try AdmitProcess.run(input: header, second: Array(voxels.dropLast(96)))
    #expect(cut.verdict?.outcome == .wait)
    #expect(cut.verdict?.reason == .incomplete)
    #expect(cut.verdict?.numbers.map(\.name) == ["have", "need"])
    #expect(cut.verdict?.partDigests?.count == 2)
    #expect(try AdmitProcess.run(input: header, second: []).verdict?.outcome == .wait)
  }

  /// A mask that a viewer saved anew, with another type and another value for lesion, is still known by its voxels.
  @Test func aMaskIsKnownByItsVoxels() throws {
    let image = try NiftiFile.decode(Self.mask)
    let mask = Volume<UInt8>(size: image.volume.size, values: image.volume.values.map { UInt8($0) })
    let saved = NiftiFile.encode(scan: image.volume.map { $0 * 255 }, like: image.header)
    for file in [Self.mask, saved] {
      let label = try AdmitProcess.run(["--role", "label"], input: file)
      #expect(label.verdict?.voxelDigest == mask.voxelDigest.description, "\(label.errorText)")
    }
    var edited = mask
    edited.values[7] = 1 - edited.values[7]
    #expect(edited.voxelDigest != mask.voxelDigest)
  }

  /// While it waits for its input it has already given everything up.
  @Test func itIsConfinedBeforeItReads() throws {
    var pipe: [Int32] = [0, 0]
    #expect(Glibc.pipe(&pipe) == 0)
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (stdout, stderr) = (try AdmitProcess.anonymousFile([]), try AdmitProcess.anonymousFile([]))
    let process = try AdmitProcess.spawn([], descriptors: [pipe[0], stdout, stderr])
    var status = ""
    for _ in 0..<200 {
      status = try text(of: "/proc/\(process)/status")
      if status.contains("Seccomp:\t2") { break }
      usleep(20_000)
    }
    #expect(status.contains("Seccomp:\t2"))
    #expect(status.contains("NoNewPrivs:\t1"))
    let limits = try text(of: "/proc/\(process)/limits")
    let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
    #expect(core?.split(separator: " ")[4] == "0")
    let files = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
    #expect(files?.split(separator: " ")[3] == "4")
    for descriptor in pipe + [stdout, stderr] { close(descriptor) }
    var exit: Int32 = 0
    #expect(waitpid(process, &exit, 0) == process)
    #expect(exit == 0, "an empty pipe is an empty file")
  }

  private func text(of path: String) throws -> String {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    defer { try? file.close() }
    return String(decoding: try BoundedReader.read(file, limit: 1 << 16), as: UTF8.self)
  }

  /// Bytes changed at random, and every length: it answers, and what it takes has the voxels it should.
  @Test func noDamageBringsItDown() throws {
    var seed: UInt64 = 99
    for round in 0..<24 {
      var bytes = Self.scan
      for _ in 0...round % 3 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(seed >> 33) % bytes.count] ^= UInt8(truncatingIfNeeded: 1 << (seed & 7))
      }
      let answer = try AdmitProcess.run(
        input: round % 2 == 0 ? bytes : Array(bytes.prefix(Int(seed >> 40) % bytes.count)))
      #expect(answer.status == 0, "round \(round): \(answer.errorText)")
      #expect(answer.verdict != nil)
    }
  }
}
