"""What lies where: a few dozen places, enough to name a position without asking anybody's map.

A position gets the province, city and district of the nearest entry; the workbench never sends it
anywhere. Coordinates are GCJ-02, to about a hundred metres.
"""

from __future__ import annotations

from typing import NamedTuple

from .geodesy import Point, distance


class Place(NamedTuple):
    """``code``: the six digits of the district (GB/T 2260)."""

    title: str
    province: str
    city: str
    district: str
    road: str
    code: str
    post: str
    at: Point

    @property
    def address(self) -> str:
        start = self.city if self.city == self.province else self.province + self.city
        return f"{start}{self.district}{self.road}"


PLACES = (
    Place("武林广场", "浙江省", "杭州市", "拱墅区", "体育场路", "330105", "310006", Point(30.2741, 120.1636)),
    Place("西湖断桥", "浙江省", "杭州市", "西湖区", "北山街", "330106", "310007", Point(30.2583, 120.1513)),
    Place("未来科技城", "浙江省", "杭州市", "余杭区", "文一西路", "330110", "311121", Point(30.2790, 120.0223)),
    Place("杭州东站", "浙江省", "杭州市", "上城区", "全福桥路", "330102", "310021", Point(30.2906, 120.2126)),
    Place("天安门", "北京市", "北京市", "东城区", "东长安街", "110101", "100006", Point(39.9087, 116.3975)),
    Place("中关村", "北京市", "北京市", "海淀区", "中关村大街", "110108", "100080", Point(39.9836, 116.3164)),
    Place("望京SOHO", "北京市", "北京市", "朝阳区", "阜通东大街", "110105", "100102", Point(39.9966, 116.4810)),
    Place("人民广场", "上海市", "上海市", "黄浦区", "西藏中路", "310101", "200001", Point(31.2304, 121.4737)),
    Place("陆家嘴", "上海市", "上海市", "浦东新区", "世纪大道", "310115", "200120", Point(31.2397, 121.4998)),
    Place("珠江新城", "广东省", "广州市", "天河区", "花城大道", "440106", "510623", Point(23.1193, 113.3213)),
    Place("市民中心", "广东省", "深圳市", "福田区", "福中三路", "440304", "518035", Point(22.5431, 114.0579)),
    Place("深圳湾", "广东省", "深圳市", "南山区", "科苑南路", "440305", "518067", Point(22.5170, 113.9460)),
    Place("新街口", "江苏省", "南京市", "玄武区", "中山路", "320102", "210005", Point(32.0415, 118.7842)),
    Place("观前街", "江苏省", "苏州市", "姑苏区", "观前街", "320508", "215005", Point(31.3112, 120.6293)),
    Place("天府广场", "四川省", "成都市", "青羊区", "人民南路一段", "510105", "610015", Point(30.6574, 104.0658)),
    Place("解放碑", "重庆市", "重庆市", "渝中区", "民权路", "500103", "400010", Point(29.5573, 106.5770)),
    Place("江汉路", "湖北省", "武汉市", "江汉区", "江汉路", "420103", "430014", Point(30.5823, 114.2910)),
    Place("钟楼", "陕西省", "西安市", "碑林区", "西大街", "610103", "710001", Point(34.2611, 108.9423)),
    Place("五四广场", "山东省", "青岛市", "市南区", "东海西路", "370202", "266071", Point(36.0620, 120.3846)),
    Place("中山路步行街", "福建省", "厦门市", "思明区", "中山路", "350203", "361001", Point(24.4548, 118.0779)),
    Place("五一广场", "湖南省", "长沙市", "芙蓉区", "五一大道", "430102", "410005", Point(28.1955, 112.9771)),
    Place("二七广场", "河南省", "郑州市", "二七区", "德化街", "410103", "450000", Point(34.7524, 113.6654)),
    Place("中央大街", "黑龙江省", "哈尔滨市", "道里区", "中央大街", "230102", "150010", Point(45.7735, 126.6179)),
    Place("大十字", "新疆维吾尔自治区", "乌鲁木齐市", "天山区", "中山路", "650102", "830002", Point(43.7930, 87.6177)),
)  # fmt: skip


def nearest(point: Point) -> Place:
    """Return the place closest to a point in GCJ-02."""
    return min(PLACES, key=lambda each: distance(each.at, point))


def near(point: Point, word: str = "", *, most: int = 20) -> list[tuple[Place, int]]:
    """Return the places closest to a point that hold a word, with their distance in metres."""
    found = [
        (each, round(distance(each.at, point)))
        for each in PLACES
        if word in each.title or word in each.address
    ]
    return sorted(found, key=lambda pair: pair[1])[:most]
