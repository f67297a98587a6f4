import Contract
import Ledger
import SystemPackage
import Testing
import Watch

@testable import popcornd

/// Which names count: of what lies there, and of scans that are cases.
@Suite struct InboxNamesTests {
  private func file(_ path: FilePath, size: Int64 = 5) -> SeenFile {
    SeenFile(
      tree: .labeled, path: path, device: 1, inode: 1, size: size, modified: 0, owner: 0, kind: .volume,
      isRemote: false)
  }

  private func names(_ paths: FilePath...) -> InboxNames {
    var names = InboxNames()
    for path in paths { names.add(path) }
    return names
  }

  private func name(_ path: FilePath, _ names: inout InboxNames) -> DroppedName {
    names.name(of: path, isBrain: false, subjectPattern: "")
  }

  @Test func twoMasksDisputeAScanOnlyWhileBothLieThere() {
    var names = names("labeled/p_FLAIR.nii", "labeled/p_mask.nii", "labeled/p_lesion.nii")
    #expect(name("labeled/p_lesion.nii", &names).isDisputed)
    names.remove("labeled/p_mask.nii")
    let lesion = name("labeled/p_lesion.nii", &names)
    #expect(!lesion.isDisputed && lesion.role == .label && lesion.partners == ["labeled/p_FLAIR.nii"])
    // Dropped once more, it disputes again.
    names.add("labeled/p_mask.nii")
    #expect(name("labeled/p_lesion.nii", &names).isDisputed)
  }

  /// What is looked at again when a scan comes.
  @Test func theMasksOfAScanAreThoseThatHaveItAsPartner() {
    var names = names("labeled/p_FLAIR.nii", "labeled/p_mask.nii", "labeled/p_lesion.nii", "labeled/q_mask.nii")
    #expect(names.masks(of: "labeled/p_FLAIR.nii") == ["labeled/p_lesion.nii", "labeled/p_mask.nii"])
    #expect(names.masks(of: "labeled/q_FLAIR.nii").isEmpty)
    names.stand(for: "labeled/q_FLAIR.nii")
    #expect(names.masks(of: "labeled/q_FLAIR.nii") == ["labeled/q_mask.nii"])
  }

  @Test func aRejectedFileThatStaysCountsNoMoreUntilItIsAnother() {
    var names = names("labeled/p_FLAIR.nii", "labeled/p_mask.nii", "labeled/p_lesion.nii")
    names.reject("labeled/p_mask.nii", FileStamp(file("labeled/p_mask.nii")))
    names.add(file("labeled/p_mask.nii"))
    #expect(!name("labeled/p_lesion.nii", &names).isDisputed)
    names.add(file("labeled/p_mask.nii", size: 6))
    #expect(name("labeled/p_lesion.nii", &names).isDisputed)
  }

  /// Masks come after their scan was put away.
  @Test func aCaseKeepsItsName() {
    var names = names("labeled/p_FLAIR.nii")
    names.stand(for: "labeled/p_FLAIR.nii")
    names.remove("labeled/p_FLAIR.nii")
    names.keep { _ in false }
    names.add("labeled/p_mask.nii")
    #expect(name("labeled/p_mask.nii", &names).partners == ["labeled/p_FLAIR.nii"])
  }

  @Test func whatAListingDoesNotShowIsForgotten() {
    var names = names("labeled/p_FLAIR.nii", "labeled/p_flair.nii.gz", "labeled/p_mask.nii")
    #expect(name("labeled/p_mask.nii", &names).partners.count == 2)
    names.keep { $0 != "labeled/p_flair.nii.gz" }
    let mask = name("labeled/p_mask.nii", &names)
    #expect(mask.partners == ["labeled/p_FLAIR.nii"] && !mask.isDisputed)
  }

  /// Two masks whose names say nothing, for one scan, and no word of who drew them.
  @Test func aTableCanDisputeToo() {
    var names = names("labeled/d/s.nii", "labeled/d/m1.nii", "labeled/d/m2.nii")
    let read = { (raters: [String]) in
      PairsTable(Array("s.nii\tm1.nii\t\(raters[0])\ns.nii\tm2.nii\t\(raters[1])\n".utf8), in: "d")
    }
    names.take(read(["", ""]), at: "labeled/d/pairs.tsv")
    for mask: FilePath in ["labeled/d/m1.nii", "labeled/d/m2.nii"] {
      let found = name(mask, &names)
      #expect(found.role == .label && found.isDisputed && found.partners == ["labeled/d/s.nii"])
    }
    let scan = name("labeled/d/s.nii", &names)
    #expect(scan.role == .scan && !scan.isDisputed)
    names.take(read(["Ann", "Bo"]), at: "labeled/d/pairs.tsv")
    let found = name("labeled/d/m2.nii", &names)
    #expect(!found.isDisputed && found.rater == "Bo")
    names.take(nil, at: "labeled/d/pairs.tsv")
    #expect(name("labeled/d/m2.nii", &names).role == .scan)
  }

  @Test func brainMasksAreForgottenToo() {
    var names = names("unlabeled/p_FLAIR.nii", "unlabeled/p_brainmask.nii", "unlabeled/p_FLAIR_brainmask.nii")
    #expect(name("unlabeled/p_brainmask.nii", &names).partners == [])
    names.remove("unlabeled/p_FLAIR_brainmask.nii")
    #expect(name("unlabeled/p_brainmask.nii", &names).partners == ["unlabeled/p_FLAIR.nii"])
  }
}
