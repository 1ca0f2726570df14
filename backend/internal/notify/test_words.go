package notify

import (
	"fmt"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// test words a test alarm.
func (w *writer) test(s speech, m uptime.Mail) text {
	t := s.test(m.CreatedAt, w.link("/contacts"))
	if m.ShortForm {
		t.body = s.shortTest()
	}
	return t
}

func (s english) test(at time.Time, link string) text {
	return text{"TEST: alerts from Hinomi arrive here", fmt.Sprintf(`This is a test. Nothing is wrong; alerts arrive at this address.
It was asked for at %s.

The contacts: %s
`, s.full(at), link)}
}

func (english) shortTest() string { return "A test. Nothing is wrong; alerts arrive here.\n" }

func (s japanese) test(at time.Time, link string) text {
	return text{"【テスト】お知らせはこのアドレスに届きます", fmt.Sprintf(`これはテストです。異常ではありません。お知らせはこのアドレスに届きます。
%sに、連絡先のページから送りました。

連絡先のページ: %s
`, s.on(at), link)}
}

func (japanese) shortTest() string {
	return "テストです。異常ではありません。お知らせはここに届きます。\n"
}
