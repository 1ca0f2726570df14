import type { enOperator } from '@/i18n/en-operator'

/** Japanese words of the operator's pages. */
export const jaOperator: Record<Exclude<keyof typeof enOperator, `${string}_one`>, string> = {
  'operator.title': '運営',
  'operator.made': '{{time}}に作成',
  'operator.unknown': '不明',

  'operator.targets': 'ホスト',
  'operator.requests': '許可の依頼',
  'operator.requests.text': '国の制限で断られたホストについて、利用者から届いた依頼です。結果は本人に通知されません。許可すると、本人があらためて登録できます。',
  'operator.requests.none': '依頼はありません。',
  'operator.requests.allow': '許可',
  'operator.requests.drop': '見送る',
  'operator.allowed': '国にかかわらず許可するホスト',
  'operator.allowed.text': 'アドレスがどの国にあっても、誰でも監視できます。取り消しても、監視中のものはアドレスが変わるまで続きます。',
  'operator.allowed.none': '個別に許可したホストはありません。',
  'operator.allowed.delete': '取り消す',
  'operator.allowed.do': 'このホストを許可',

  'operator.mails': 'メール',

  'operator.invites': '招待',
  'operator.invites.new': '招待する',
  'operator.invites.email': '宛先のメールアドレス(任意)',
  'operator.invites.email.hint': '空欄のままなら、リンクを知っている人が1回だけ使えます。',
  'operator.invites.do': '招待を作る',
  'operator.invites.once': 'いまコピーしてください。もう一度表示することはできません。メールは送られません。',
  'operator.invites.link': '招待のリンク',
  'operator.invites.none': '招待はまだありません。',
  'operator.invites.any': '宛先の指定なし',
  'operator.invites.used': '{{time}}に使用済み',
  'operator.invites.delete': '削除',
  'operator.registration.open': 'いまは招待がなくても、誰でも登録できます。',
  'operator.registration.invite': '招待を受けた人だけが登録できます。',
  'operator.registration.closed': 'いまは誰も登録できません。招待は、受け付けを再開するまで使えません。',

  'operator.lines': '回線',
  'operator.lines.text': 'チェックに使う回線を、このサーバーから見た状態です。',
  'operator.lines.addresses': '外から見えるアドレス',
  'operator.lines.device': 'デバイス',
  'operator.lines.gateways': 'ゲートウェイ',
  'operator.lines.well': '問題は見つかっていません',
}
