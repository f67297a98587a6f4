import Contract
import SystemPackage
import Testing
import Watch

@Suite struct NamedRoleTests {
  private static let names: [(String, FileRole)] = [
    ("/scans/a_FLAIR.nii.gz", .scan), ("a_T1w.nii.gz", .scan), ("/scans/a_mask.nii.gz", .label),
    ("a_FLAIR_lesions.nii", .label), ("labelsTr/a.nii.gz", .label), ("a-label.seg.nrrd", .label), ("a_seg.hdr", .label),
    ("a_brainmask.nii.gz", .brain), ("brainmasks/a.nii.gz", .brain), ("mask.nii.gz", .scan),
  ]

  @Test(arguments: names) func theNameSaysWhatAnImageIs(_ name: String, _ role: FileRole) {
    #expect(FileRole(named: FilePath(name)) == role)
  }
}
