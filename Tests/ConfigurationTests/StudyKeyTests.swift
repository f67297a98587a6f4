import Contract
import Testing

@testable import Configuration

@Suite struct StudyKeyTests {
  /// What a study is held to, said as a start of the service would.
  private func refusal(of text: String, inStudyOf begun: String) throws -> [String] {
    let begun = try load(begun).studyKeys
    do {
      try load(text, file: "F").stay(inStudyOf: begun, mainFile: "M")
      return []
    } catch let failure as ConfigurationFailure {
      return failure.mistakes.map(\.description)
    }
  }

  @Test func theyAreTheKeysThatAreOnlyForANewStudy() throws {
    let keys = try load("[popcorn]\nwidth = 8\nholdout_subjects = \"25%\"\n").studyKeys
    #expect(keys["popcorn.width"] == "8")
    #expect(keys["popcorn.holdout_subjects"] == "0.25")
    #expect(keys["popcorn.reference_size"] == "[181, 217, 181]")
    #expect(keys["inbox.subject_pattern"] == "\"\"")
    #expect(keys.count == ConfigurationKeys.rows.count { $0.change == .study })
    #expect(keys["popcorn.train_share"] == nil && keys["state.path"] == nil)
  }

  @Test func anotherValueIsRefusedWithItsPlaceAndBothValues() throws {
    let found = try refusal(
      of: "[popcorn]\nwidth = 16\nthreshold = 0.5\n", inStudyOf: "[popcorn]\nwidth = 8\npatch_size = 32\n")
    #expect(
      Array(found.dropLast()) == [
        "F:2: popcorn.width: is 16, and the study was begun with 8",
        "M: popcorn.patch_size: is 64 by default, and the study was begun with 32",
      ])
    #expect(found.last?.contains("Set them back, or begin a new study") == true)
  }

  @Test func theSameStudySaidOtherwiseIsTheSame() throws {
    let begun = "[popcorn]\nholdout_subjects = 0.25\nreference_spacing = 2\n"
    #expect(try refusal(of: "[popcorn]\nreference_spacing = 2.0\nholdout_subjects = \"25%\"\n", inStudyOf: begun) == [])
    #expect(try refusal(of: begun + "train_share = 0.1\n", inStudyOf: begun) == [])
  }

  @Test func aKeyOfALaterVersionIsFree() throws {
    let settings = try load("[popcorn]\nwidth = 16\n")
    var begun = settings.studyKeys
    begun["popcorn.width"] = nil
    begun["popcorn.was_once"] = "1"
    try settings.stay(inStudyOf: begun, mainFile: nil)
  }
}
