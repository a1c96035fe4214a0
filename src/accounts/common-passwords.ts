/**
 * What is tried first: the passwords of eight and more characters that lead public lists of leaked ones, in lower case.
 * Shorter ones are refused for their length.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  00000000 000000000 0000000000 01234567 0123456789 0987654321 09876543 1029384756 10203040 11111111
  111111111 1111111111 11112222 11223344 1122334455 112233445566 12121212 1212121212 12131415 12312312
  123123123 123123123123 12341234 1234512345 123454321 12345654321 12345678 123456789 1234567890 12345678900
  1234567891 12345678910 123456789a 123456789q 12345678a 12345678q 12345679 1234567a 1234567q 12345qwert
  123456abc 123456qwerty 1234qwer 1234rewq 123654789 123698745 123698741 123qweasd 123qweasdzxc 12qwaszx
  13131313 13579111 135792468 1357924680 14141414 14725836 147258369 147852369 14789632 15151515
  159357159 159753159 159357456 159753456 1a2b3c4d 1q1q1q1q 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz1qaz
  1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1qazxsw23edc 20202020 21212121 22222222 222222222 23232323 23456789
  24681012 246813579 25252525 25802580 31415926 314159265 33333333 44444444 55555555 5555555555
  66666666 666666666 77777777 777777777 7777777777 78945612 789456123 87654321 88888888 888888888
  8888888888 963852741 96325874 98765432 987654321 9876543210 99999999 999999999 9999999999 999999999999
  a1234567 a12345678 a123456789 a1b2c3d4 a1b2c3d4e5 aa123456 aaaaaaaa aaaaaaaaaa abc12345 abc123456
  abc123abc abcd1234 abcd12345 abcdefgh abcdefghi abcdefghij abcdefg1 access14 adgjmptw admin123
  admin1234 admin12345 admin123456 admin@123 administrator alexander alexandra alexandre america1 anderson
  andromeda angelica angelina arsenal1 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfjkl1
  asdfqwer assassin asshole1 atlantis augustus australia azertyui azertyuiop azerty123 babygirl
  babygirl1 background bangbang banana123 baseball baseball1 basketball batman123 beautiful benjamin
  bigdaddy billabong birthday blackcat bluebird blink182 bollocks brooklyn bubblegum buster123
  butterfly california cameron1 caroline carolina catherine changeit changeme changeme1 changeme123
  charlie1 charlotte cheater1 cheese123 chelsea1 chester1 chicken1 chocolate chocolate1 chopper1
  christian christina christine christmas cocacola computer computer1 confused cookie123 corvette courtney
  cowboys1 creative crystal1 danielle darkness december default1 default123 defender destiny1
  dexter123 diamond1 dolphin1 dolphins donald123 dragon12 dragon123 dragonball earthlink einstein
  elephant elizabeth elizabeth1 eminem123 estrella everton1 evolution explorer facebook facebook1
  familia1 fernando ferrari1 ffffffff firebird fireball firefighter florence flower123 football
  football1 football12 forever1 francesca francisco frankie1 freedom1 freedom123 friends1 friendship
  fuckyou1 fuckyou2 gabriela gabrielle galatasaray gandalf1 gangsta1 garfield gateway1 geronimo
  gfhjkmgfhjkm giovanni godzilla goldfish goodluck google123 graduate guinness gwerty123 hannah123
  happy123 harley123 hello123 hello1234 hellohello hellokitty hercules hotmail1 hottie123 iceman123
  idontknow ihateyou iloveme1 iloveyou iloveyou1 iloveyou12 iloveyou123 iloveyou2 iloveyou! inspiron
  internet invisible isabella jackson1 january1 jasmine1 jennifer jennifer1 jessica1 jimmy123 johncena
  jonathan jordan123 jordan23 joseph123 juventus kawasaki kimberly killer123 kingkong kissmyass krishna1
  lakers24 lasvegas letmein1 letmein12 letmein123 liberty1 lightning liverpool liverpool1 logitech
  login123 lollipop lol123456 lovelove loveyou1 lovely123 loverboy madison1 manchester marcus123 margaret
  marlboro marseille martinez maryjane master12 master123 mastermind matrix123 matthew1 maverick maximus1
  megaman1 melissa1 mercedes mercury1 metallica metallica1 michael1 michelle michelle1 microsoft midnight
  minecraft minecraft1 mistress mitchell mohammed monkey12 monkey123 moonlight morrison motorola mountain
  mustang1 mynameis myspace1 natalie1 naruto123 newcastle newpassword newyork1 nicholas nicholas1 nightmare
  nintendo nirvana1 november oblivion october1 operation overlord p@55w0rd p@ssw0rd p@ssw0rd1 p@ssword
  p@ssword1 pa$$w0rd pa$$word pakistan pakistan123 panasonic panther1 paradise pass1234 pass12345
  passion1 passpass passport passw0rd passw0rd1 password password! password0 password01 password1
  password1! password10 password11 password12 password123 password123! password1234 password12345 password2
  password3 password69 password7 password99 patricia patrick1 peaches1 peanut123 penelope pa55w0rd
  pa55word phoenix1 pikachu1 playboy1 playstation pokemon1 pokemon123 police123 poohbear porsche1 portugal
  pornstar princess princess1 princess12 princess123 professor promethee punisher purple123 pussycat
  q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q12345678 qazwsx12 qazwsx123 qazwsxed qazwsxedc qazwsxedcrfv qazxswed
  qazxswedc qq123456 qqqqqqqq qw123456 qwaszx12 qweasdzx qweasdzxc qweqweqwe qwer1234 qwerasdf
  qwerqwer qwert123 qwert1234 qwert12345 qwertasdfg qwerty01 qwerty11 qwerty12 qwerty123 qwerty1234
  qwerty12345 qwerty123456 qwerty22 qwerty321 qwerty77 qwertyqwerty qwertyui qwertyuio qwertyuiop qwertyuiop1
  rainbow1 ranger123 realmadrid rebecca1 redskins richard1 ricardo1 robert123 rockstar rockstar1 rockyou1
  rockyou123 rolltide romantic ronaldo7 rootroot root1234 rush2112 samantha samantha1 samsung1 samsung123
  sanchez1 santiago saturday scarface scorpion scooby123 scorpio1 secret12 secret123 security september
  serenity shadow12 shadow123 shannon1 sharingan shopping1 silver123 slipknot slipknot1 snickers snowball
  snowboard soccer10 soccer12 soccer123 softball something spiderman spiderman1 spongebob spongebob1
  srinivas startrek starwars starwars1 stargate stephanie steelers strawberry student1 sunflower sunshine
  sunshine1 sunshine12 superman superman1 superman123 superstar superstar1 swordfish taylor123 teamo123
  tekilate temppass temp1234 tennis123 test1234 test12345 test123456 testtest testing1 testing123 thailand
  thebest1 thirteen thomas123 thunder1 tiffany1 tigger123 tinkerbell tinkerbell1 titanic1 tottenham
  trinidad trustno1 trustno1! undertaker university usuckballz1 valentina valentine vanessa1 veronica
  vfrcbvrf victoria victoria1 victory1 vkontakte volcom123 volleyball warcraft warcraft1 warhammer
  warrior1 watermelon webmaster welcome1 welcome12 welcome123 welcome1234 welcome@123 westside whatever
  whatever1 william1 windows1 winston1 wolfgang woaini1314 wolverine wrestling xxxxxxxx yankees1 yellow123
  yourmama yugioh123 zaq12wsx zaq1xsw2 zaq1zaq1 zaqwsx123 zxasqw12 zxcasdqwe zxcv1234 zxcvbnm1 zxcvbnm12
  zxcvbnm123 zxcvbnm, zxczxczxc zzzzzzzz
  `
    .trim()
    .split(/\s+/),
);
