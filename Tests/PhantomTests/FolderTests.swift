import Files
import FoundationEssentials
import Imaging
import SystemPackage
import Testing

@testable import Phantom

@Suite struct FolderTests {
  private func inTemporaryFolder(_ body: (FilePath) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/phantom-\(UInt64.random(in: 0 ..< .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(FilePath(folder))
  }

  private var cohort: PhantomCohort {
    PhantomCohort(
      labeled: 1, unlabeled: 1, test: 1, seed: 3, difficulty: PhantomParameters.frozen.difficulties[0], spacing: 6)
  }

  @Test func holdsTheCohortAsTrainingReadsIt() throws {
    try inTemporaryFolder { folder in
      let data = folder.appending("new").appending("data")
      var heard: [String] = []
      let report = try PhantomFolder.write(cohort, to: data) { heard.append($0.name) }
      #expect(heard == ["ph-0001", "ph-0002", "ph-0003"])
      let expected = [
        "labeled/ph-0001_FLAIR.nii.gz", "labeled/ph-0001_mask.nii.gz", "unlabeled/ph-0002_FLAIR.nii.gz",
        "truth/unlabeled/ph-0002_mask.nii.gz", "test/ph-0003_FLAIR.nii.gz", "test/ph-0003_mask.nii.gz",
      ]
      for (plan, names) in zip(cohort.plans, [expected[0...1], expected[2...3], expected[4...5]]) {
        let scan = cohort.scan(plan)
        let images = try names.map { name in
          try NiftiFile.decode(try BoundedReader.read(data.pushing(FilePath(name))))
        }
        #expect(images[0].volume.values == scan.image.values)
        #expect(images[1].volume.values == scan.truth.values.map(Float.init))
        #expect(images[0].geometry == scan.geometry && images[1].geometry == scan.geometry)
      }
      let text = try BoundedReader.read(data.appending("phantom.json"))
      let read = try JSONDecoder().decode(PhantomReport.self, from: Data(text))
      #expect(read.hash == PhantomParameters.hash && read.scans.count == 3)
      #expect(read.parameters.joined(separator: "\n") + "\n" == PhantomParameters.frozen.canonicalText)
      #expect(try report.json == text)
    }
  }

  @Test func neverReplacesACohort() throws {
    try inTemporaryFolder { folder in
      _ = try PhantomFolder.write(cohort, to: folder)
      #expect(throws: FileFault.self) { try PhantomFolder.write(cohort, to: folder) }
    }
  }
}
