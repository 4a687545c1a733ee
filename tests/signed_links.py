"""Links that are signed, and what must be left of them."""

from __future__ import annotations

from seedance_widgets.text import links

SECRET = "s1gn4tur3c4n4ry"
SIGNED = f"https://bucket.example/boat.png?v=2&X-Amz-Signature={SECRET}&X-Amz-Expires=600"
BARE = "https://bucket.example/boat.png?v=2"
KEPT = f"{BARE}#{links.MARK}"
HOOK = f"https://hooks.example/in?token={SECRET}"

ODD = {
    "in a parameter of the path": f"https://h.example/a.png;sig={SECRET}",
    "in the middle of the path": f"https://h.example/a;v=1;token={SECRET}/b.png?w=3",
    "as a part of the path": f"https://h.example/hdnts=exp=1~hmac={SECRET}/a.png",
    "in the fragment": f"https://h.example/a.png#access_token={SECRET}",
    "in a query within the fragment": f"https://h.example/a.png#/view?v=1&sig={SECRET}",
    "in a name that is encoded twice": f"https://h.example/a.png?%2558-Amz-Signature={SECRET}",
    "behind an encoded sign": f"https://h.example/a.png?sig%3D{SECRET}",
    "behind a sign that is encoded twice": f"https://h.example/a.png?v=1%2526sig%253D{SECRET}",
    "in a link within a link within a link": f"https://h.example/?u=https%3A%2F%2Fh%3Fu%3Dhttps%253A%252F%252Fh%253Fsig%253D{SECRET}",
    "in capitals": f"HTTPS://h.example/a.png?SIG={SECRET}",
    "several times": f"https://h.example/a.png?sig={SECRET}&v=1&sig={SECRET}&Sig={SECRET}",
    "in brackets": f"https://h.example/a.png?auth[token]={SECRET}&sig[]={SECRET}",
    "in camel case": f"https://h.example/a.png?imageAccessToken={SECRET}&dbPass={SECRET}",
    "with what is not seen": f"https://h.example/a.png?s\u200big={SECRET}&sig%00={SECRET}&+sig={SECRET}",
    "in odd letters": f"https://h.example/a.png?\uff33\uff29\uff27={SECRET}",
    "under a name that tells nothing": f"https://h.example/a.png?key=AIza{SECRET}",
    "with signs in the value": f"https://h.example/a.png?sig=a/b?c%26{SECRET};{SECRET}&v=1",
    "at a bucket of Alibaba": f"oss://bucket/a.png?OSSAccessKeyId=1&Expires=2&Signature={SECRET}",
    "at a bucket of Volcengine": f"tos://bucket/a.png?X-Tos-Signature={SECRET}",
    "at a bucket of Amazon": f"S3://bucket/a.png?X-AMZ-SIGNATURE={SECRET}",
    "in the user part": f"ftp://me:{SECRET}@h.example/a.png",
    "in the user part of anything": f"jdbc:postgresql://me:{SECRET}@h.example/d",
    "with a slash in the password": f"https://me:a/{SECRET}@h.example/a.png",
    "with a question mark in the password": f"https://me:a?{SECRET}@h.example/a.png",
    "with an at sign in the password": f"https://me:{SECRET}@{SECRET}@h.example/a.png",
    "in the user part of a link in a link": f"https://h.example/?u=ftp%3A%2F%2Fme%3A{SECRET}%40h%2Fa.png",
    "behind one slash": f"https:/h.example/a.png?sig={SECRET}",
    "in a parameter of the path, behind one slash": f"https:/h.example/a.png;sig={SECRET}",
    "in an object of a parameter": f"https://h.example/a.png?options=%7B%22v%22%3A1%2C%22sig%22%3A%22{SECRET}%22%7D",
    "in an object that is encoded twice": f"https://h.example/a.png?o=%257B%2522api_key%2522%253A%2522{SECRET}%2522%257D",
    "as the key of a function": f"https://h.example/a.png?code={SECRET}{SECRET}==",
    "as a session": f"https://h.example/a.png?v=1&session={SECRET}-{SECRET}",
    "with the slashes turned": f"https:\\\\me:{SECRET}@h.example\\a.png",
}
