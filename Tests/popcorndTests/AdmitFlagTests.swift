import Configuration
import Testing

@testable import Processes

@Suite struct AdmitFlagTests {
  /// What popcorn-admit must know of the configuration reaches it.
  @Test func lesionValuesAreToldWhereThereAreSome() {
    var settings = Settings()
    #expect(!AdmitRunner(settings).flags.contains("--lesion-values"))
    settings.accept.lesionValues = [1, 4, 77]
    #expect(Array(AdmitRunner(settings).flags.suffix(2)) == ["--lesion-values", "1,4,77"])
  }
}
