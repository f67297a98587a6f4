import SystemPackage
import Testing

@testable import popcornd

@Suite struct UnreadableTests {
  @Test func theOwnerIsToldOnceAfterSomeTries() {
    var unreadable = Unreadable()
    let answers = (0..<9).map { _ in unreadable.refused("unlabeled/a.nii", most: 5) }
    #expect(answers == [false, false, false, false, true, false, false, false, false])
    #expect(unreadable.told == ["unlabeled/a.nii"])
    let wasTold = unreadable.forget("unlabeled/a.nii")
    #expect(wasTold && unreadable.places.isEmpty)
  }

  @Test func whatCouldBeReadMeanwhileBeginsAnew() {
    var unreadable = Unreadable()
    for _ in 0..<3 {
      let first = unreadable.refused("a", most: 2)
      #expect(unreadable.places == ["a"])
      let wasTold = unreadable.forget("a")
      #expect(!first && !wasTold && unreadable.places.isEmpty)
    }
  }
}
