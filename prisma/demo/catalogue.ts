import type { CatalogueForm, TriageQuestion } from '../../server/contracts/catalogue.ts'

type Answer = TriageQuestion['answers'][number]
const answer = (id: string, text: string, textEn: string, more: Partial<Answer> = {}): Answer => ({
  id,
  text,
  textEn,
  ...more,
})
const ask = (id: string, text: string, textEn: string, ...answers: Answer[]): TriageQuestion => ({
  id,
  text,
  textEn,
  answers,
})
const yes = (more: Partial<Answer> = {}) => answer('yes', '是', 'Yes', more)
const no = (more: Partial<Answer> = {}) => answer('no', '否', 'No', more)
const unsure = (more: Partial<Answer> = {}) => answer('unsure', '说不清', 'Not sure', more)

const breathing = ask(
  'breathing',
  '呼吸是否正常、能否说完整句子？',
  'Breathing normally, able to speak in sentences?',
  yes(),
  no({ priority: 1, advise: '120' }),
  unsure({ priority: 1 }),
)
const bleeding = ask('bleeding', '有没有大量出血？', 'Any heavy bleeding?', no(), yes({ priority: 1, advise: '120' }))
const alone = ask(
  'alone',
  '身边有没有人？',
  'Is anybody with you?',
  answer('with', '有人', 'Yes, somebody'),
  answer('alone', '独自一人', 'Alone'),
)
const when = ask(
  'when',
  '什么时候需要？',
  'When is it needed?',
  answer('now', '现在', 'Now'),
  answer('today', '今天内', 'Today'),
  answer('later', '改天', 'Another day'),
)
const danger = ask(
  'danger',
  '有没有触电、漏气或着火的危险？',
  'Any danger of electric shock, gas or fire?',
  no(),
  yes({ priority: 1, advise: '119' }),
)

type Row = [
  code: string,
  name: string,
  nameEn: string,
  itemClass: CatalogueForm['class'],
  priority: number,
  skill: CatalogueForm['skill'],
  targetMinutes: number,
  priceFen: number,
  questions: TriageQuestion[],
]
const rows: Row[] = [
  [
    'fall-help',
    '跌倒扶助',
    'Help after a fall',
    'emergency',
    2,
    'lifting',
    20,
    0,
    [
      ask('hurt', '有没有受伤或剧痛？', 'Hurt, or in strong pain?', no(), yes({ priority: 1 }), unsure()),
      ask(
        'head',
        '有没有撞到头或昏过去？',
        'Hit the head or passed out?',
        no(),
        yes({ priority: 1, advise: '120' }),
        unsure({ priority: 1 }),
      ),
      bleeding,
      ask('move', '能不能自己动？', 'Able to move?', yes(), no()),
    ],
  ],
  [
    'unwell',
    '身体不适',
    'Feeling unwell',
    'emergency',
    1,
    'first-aid',
    15,
    0,
    [
      breathing,
      ask('chest', '胸口痛或压迫感？', 'Chest pain or pressure?', no(), yes({ priority: 1, advise: '120' })),
      ask(
        'speech',
        '嘴歪、手脚无力或说话不清？',
        'Face droops, weak arm or slurred speech?',
        no(),
        yes({ priority: 1, advise: '120' }),
      ),
      alone,
    ],
  ],
  [
    'no-answer',
    '无应答上门查看',
    'No answer: look in at the home',
    'emergency',
    1,
    'first-aid',
    15,
    0,
    [
      ask(
        'sound',
        '听到什么声音？',
        'What is heard?',
        answer('nothing', '没有声音', 'Nothing'),
        answer('noise', '有动静但无应答', 'Sounds, no words'),
        answer('help', '呼救', 'A cry for help', { priority: 1, advise: '120' }),
      ),
    ],
  ],
  [
    'fire-gas',
    '火警燃气',
    'Smoke, fire or gas',
    'emergency',
    1,
    'first-aid',
    10,
    0,
    [ask('out', '能不能离开屋子？', 'Able to leave the home?', yes(), no({ priority: 1, advise: '119' })), danger],
  ],
  [
    'care-visit',
    '上门照护',
    'Care at home',
    'public',
    2,
    'care',
    45,
    3000,
    [
      ask(
        'need',
        '需要什么帮助？',
        'What is needed?',
        answer('toilet', '如厕', 'Toilet'),
        answer('wash', '擦洗', 'Washing'),
        answer('medicine', '服药', 'Medicine'),
        answer('turn', '翻身', 'Turning in bed'),
      ),
    ],
  ],
  ['home-help', '家政服务', 'Home help', 'convenience', 3, 'home-help', 240, 4000, [when]],
  [
    'meals',
    '助餐送餐',
    'Meals',
    'convenience',
    3,
    'meals',
    90,
    1500,
    [
      ask(
        'diet',
        '饮食要求？',
        'Diet?',
        answer('none', '无', 'None'),
        answer('soft', '软食', 'Soft'),
        answer('diabetic', '糖尿病餐', 'Diabetic'),
      ),
      when,
    ],
  ],
  [
    'plumbing',
    '水管维修',
    'Plumbing',
    'convenience',
    3,
    'plumbing',
    120,
    6000,
    [ask('flood', '水还在流吗？', 'Is water still running?', no(), yes({ priority: 2 })), when],
  ],
  ['electric', '电路维修', 'Electrical repair', 'convenience', 3, 'electric', 120, 6000, [danger, when]],
  [
    'locksmith',
    '开锁',
    'Locked out',
    'convenience',
    3,
    'locksmith',
    60,
    8000,
    [
      ask(
        'stove',
        '屋里开着火或有人需要照看吗？',
        'A stove on, or somebody inside who needs care?',
        no(),
        yes({ priority: 1 }),
      ),
    ],
  ],
  ['transport', '陪诊接送', 'Company to the doctor', 'convenience', 3, 'transport', 120, 5000, [when]],
  [
    'company',
    '陪伴聊天',
    'Company',
    'voluntary',
    3,
    'company',
    240,
    0,
    [
      ask(
        'mood',
        '心情怎么样？',
        'How are you feeling?',
        answer('fine', '还好', 'Fine'),
        answer('low', '低落', 'Low'),
        answer('desperate', '不想活了', 'Does not want to live', { priority: 1, advise: '120' }),
      ),
    ],
  ],
  [
    'paperwork',
    '代办事务',
    'Public matters',
    'public',
    3,
    'paperwork',
    1440,
    0,
    [
      ask(
        'matter',
        '什么事？',
        'What about?',
        answer('insurance', '社保医保', 'Insurance'),
        answer('allowance', '低保补贴', 'Allowance'),
        answer('other', '其他', 'Other'),
      ),
    ],
  ],
  [
    'device-check',
    '设备检修',
    'Device check',
    'public',
    4,
    'repair',
    1440,
    0,
    [
      ask(
        'fault',
        '什么故障？',
        'What is wrong?',
        answer('battery', '电量低', 'Battery low'),
        answer('silent', '无信号', 'No signal'),
        answer('damage', '损坏', 'Damaged'),
      ),
    ],
  ],
]

export const catalogue: CatalogueForm[] = rows.map(
  ([code, name, nameEn, itemClass, priority, skill, targetMinutes, priceFen, questions], i) => ({
    code,
    name,
    nameEn,
    class: itemClass,
    priority,
    skill,
    targetMinutes,
    priceFen,
    subsidyFen: itemClass === 'convenience' ? Math.round(priceFen / 2) : priceFen,
    questions,
    active: true,
    position: (i + 1) * 10,
  }),
)
